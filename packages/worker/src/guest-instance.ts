/**
 * One instantiated component and the calls into it.
 *
 * G1. After any outcome but `ok` and `guest-error` the instance is spent and is never called again.
 * G2. Each message starts its own clock and randomness before the guest runs.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { BridgeCaller } from './bridge/caller.ts';
import type { BridgeCallerOptions } from './bridge/caller.ts';
import { GuestLog } from './guest-log.ts';
import type { HostContext } from './host/context.ts';
import { hostImports } from './host/index.ts';
import { MessageClock } from './message-clock.ts';
import { MessageRandom } from './message-random.ts';
import type { Activation, ActorExport, GuestOutcome, LogLine, MessageContext, TrapReason } from './protocol.ts';
import type { wasiImports } from './wasi.ts';

/** Python's last line of a traceback; the trap itself, which follows, says `unreachable` only. */
const PYTHON_OUT_OF_MEMORY = /^MemoryError\b/m;
const ACTOR_INTERFACE = 'plexspaces:actor/actor@0.1.0';

/** The generated module's one function, as jco writes it for synchronous instantiation. */
export type Instantiate = (
  getCoreModule: (name: string) => WebAssembly.Module,
  imports: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, unknown>>;

export interface ImportedComponent {
  readonly instantiate: Instantiate;
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  /** Of those that import WASI. */
  readonly wasi?: typeof wasiImports | undefined;
}

/** The actor interface as jco lifts it: a WIT error arrives as a thrown value. */
interface ActorExports {
  init(state: Uint8Array): void;
  handleRequest(fromActor: string, messageType: string, payload: Uint8Array): Uint8Array;
  handleMessage(fromActor: string, messageType: string, payload: Uint8Array): void;
  snapshotState(): Uint8Array | undefined;
  shutdown(): void;
}

export interface GuestInstanceOptions extends BridgeCallerOptions {
  readonly activation: Activation;
  readonly bridge: SharedArrayBuffer;
  readonly log: (line: LogLine) => void;
  /** Called when a host call is there to be read. */
  readonly ring: () => void;
  /** Called before the guest sleeps. */
  readonly beforeWait: () => void;
}

export class GuestInstance {
  readonly #component: ImportedComponent;
  readonly #options: GuestInstanceOptions;
  readonly #context: HostContext;
  readonly #exports: ActorExports;
  #message: MessageContext | undefined;
  #spent = false;

  constructor(component: ImportedComponent, options: GuestInstanceOptions) {
    const { activation, log, ring } = options;
    this.#component = component;
    this.#options = options;
    this.#context = {
      selfId: () => this.#message?.selfId ?? activation.actor,
      bridge: new BridgeCaller(options.bridge, ring, options),
      clock: new MessageClock(),
      random: new MessageRandom(),
      log: new GuestLog(log, activation.logBytesPerSecond),
      message: () => this.#currentMessage(),
      beforeWait: options.beforeWait,
    };
    // What start functions draw before the first message must be the same in every instance.
    this.#context.random.reset(new Uint8Array(32));
    this.#exports = this.#instantiate(component, activation);
  }

  /** A fresh one, made as this one was. @throws what its start does. */
  another(): GuestInstance {
    return new GuestInstance(this.#component, this.#options);
  }

  get isSpent(): boolean {
    return this.#spent;
  }

  call(target: ActorExport, message: MessageContext): GuestOutcome {
    if (this.#spent) return { kind: 'trap', reason: 'TRAP', message: 'the instance is spent' }; // G1
    const { clock, random, log } = this.#context;
    this.#message = message;
    clock.reset(message.startMicros); // G2
    random.reset(message.seed);
    log.startMessage();
    const outcome = this.#run(target);
    log.finishMessage();
    this.#message = undefined;
    this.#spent = outcome.kind === 'trap';
    return outcome;
  }

  #run(target: ActorExport): GuestOutcome {
    const { clock, log } = this.#context;
    try {
      const payload = this.#enter(target);
      return { kind: 'ok', payload, clockMicros: clock.micros };
    } catch (thrown) {
      const message = typedError(thrown);
      if (message !== undefined) return { kind: 'guest-error', message, clockMicros: clock.micros };
      return { kind: 'trap', ...describeTrap(thrown, log.stderrTail) };
    }
  }

  #enter(target: ActorExport): Uint8Array | undefined {
    const actor = this.#exports;
    switch (target.export) {
      case 'init':
        actor.init(target.state);
        return undefined;
      case 'handle-request':
        return actor.handleRequest(target.fromActor, target.messageType, target.payload);
      case 'handle-message':
        actor.handleMessage(target.fromActor, target.messageType, target.payload);
        return undefined;
      case 'snapshot-state':
        return actor.snapshotState();
      case 'shutdown':
        actor.shutdown();
        return undefined;
    }
  }

  #instantiate(component: ImportedComponent, activation: Activation): ActorExports {
    const imports = {
      'plexspaces:actor/host': hostImports(this.#context),
      ...component.wasi?.(this.#context, activation.environment),
    };
    const instance = component.instantiate((name) => expectModule(component, name), imports);
    return expectActor(instance[ACTOR_INTERFACE]);
  }

  #currentMessage(): MessageContext {
    if (this.#message !== undefined) return this.#message;
    throw new PlexSpacesError('FAILED_PRECONDITION', 'a host function was called outside a message');
  }
}

function expectModule(component: ImportedComponent, name: string): WebAssembly.Module {
  const module = component.modules[name];
  if (module === undefined) throw new PlexSpacesError('INTERNAL', `expected core module ${name}, found none`);
  return module;
}

function expectActor(candidate: unknown): ActorExports {
  if (isActor(candidate)) return candidate;
  throw new PlexSpacesError('INVALID_ARGUMENT', `expected the interface ${ACTOR_INTERFACE}, found none`, {
    reason: 'NOT_A_COMPONENT',
  });
}

function isActor(candidate: unknown): candidate is ActorExports {
  return typeof candidate === 'object' && candidate !== null && 'handleRequest' in candidate;
}

/** The guest's own error: jco throws a `result`'s error value as it is, or wraps it in a ComponentError. */
function typedError(thrown: unknown): string | undefined {
  if (typeof thrown === 'string') return thrown;
  if (!(thrown instanceof Error) || !('payload' in thrown)) return undefined;
  return typeof thrown.payload === 'string' ? thrown.payload : undefined;
}

function describeTrap(thrown: unknown, stderrTail: string): { reason: TrapReason; message: string } {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const lastWords = stderrTail === '' ? '' : `; stderr: ${stderrTail}`;
  return { reason: trapReason(thrown, message, stderrTail), message: `${message}${lastWords}` };
}

function trapReason(thrown: unknown, message: string, stderrTail: string): TrapReason {
  if (thrown instanceof RangeError && message.includes('call stack')) return 'STACK_OVERFLOW';
  if (message.toLowerCase().includes('out of memory')) return 'MEMORY_LIMIT';
  if (PYTHON_OUT_OF_MEMORY.test(stderrTail)) return 'MEMORY_LIMIT';
  if (thrown instanceof Error && 'exitError' in thrown) return 'GUEST_EXIT';
  return 'TRAP';
}
