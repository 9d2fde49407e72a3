/**
 * One instance of what a thread has loaded, and the calls into it.
 *
 * G1. After any outcome but `ok` and `guest-error` the instance is spent and is never called again.
 * G2. Each message starts its own clock and randomness before the guest runs.
 * G3. A worn instance that another one is to take the place of is over: what lies behind the call that told of it runs there.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { BridgeCaller } from './bridge/caller.ts';
import type { BridgeCallerOptions } from './bridge/caller.ts';
import { GuestFault } from './guest-code.ts';
import type { ActorExports, GuestCode } from './guest-code.ts';
import { GuestLog } from './guest-log.ts';
import type { HostContext } from './host/context.ts';
import { MemoryWear } from './memory-wear.ts';
import { MessageClock } from './message-clock.ts';
import { MessageSeed } from './message-seed.ts';
import type {
  Activation,
  ActorExport,
  GuestOutcome,
  GuestTarget,
  LogLine,
  MessageContext,
  TrapReason,
} from './protocol.ts';

/** The last line of Python's traceback, and QuickJS's; the trap itself, which follows, says `unreachable` only. */
const STDERR_OUT_OF_MEMORY = /^(?:MemoryError\b|InternalError: out of memory$)/m;
/** What the Rust SDK's allocator logs, in Rust's own words, before the guest aborts. */
const RUST_OUT_OF_MEMORY = /^memory allocation of \d+ bytes failed$/;

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
  readonly #code: GuestCode;
  readonly #options: GuestInstanceOptions;
  readonly #context: HostContext;
  readonly #exports: ActorExports;
  readonly #wear: MemoryWear | undefined;
  #message: MessageContext | undefined;
  #spent = false;

  constructor(code: GuestCode, options: GuestInstanceOptions) {
    const { activation, log, ring } = options;
    this.#code = code;
    this.#options = options;
    this.#context = {
      selfId: () => this.#message?.selfId ?? activation.actor,
      bridge: new BridgeCaller(options.bridge, ring, options),
      clock: new MessageClock(),
      seed: new MessageSeed(),
      log: new GuestLog(log, activation.logBytesPerSecond),
      message: () => this.#currentMessage(),
      beforeWait: options.beforeWait,
    };
    // What start functions draw before the first message must be the same in every instance.
    this.#context.seed.reset(new Uint8Array(32));
    const wear = activation.wear && new MemoryWear(activation.wear);
    this.#wear = wear;
    this.#exports = code.instantiate(this.#context, {
      ...activation,
      onMemory: wear && ((memory) => wear.add(memory)),
    });
  }

  /** A fresh one, made as this one was. @throws what its start does. */
  another(): GuestInstance {
    return new GuestInstance(this.#code, this.#options);
  }

  /** It may not be called any more, or is not to be: it is worn, and another one will be in its place. */
  get isOver(): boolean {
    return this.#spent || this.#wear?.isOver === true; // G1, G3
  }

  /** To be asked behind each call; see MemoryWear. */
  wornAfter(startedAt: number, target: GuestTarget, outcome: GuestOutcome): number {
    return this.#wear?.count(startedAt, bytesOf(target, outcome)) ?? 0;
  }

  call(target: ActorExport, message: MessageContext): GuestOutcome {
    if (this.#spent) return { kind: 'trap', reason: 'TRAP', message: 'the instance is spent' }; // G1
    const { clock, seed, log } = this.#context;
    this.#message = message;
    clock.reset(message.startMicros); // G2
    seed.reset(message.seed);
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
      return { kind: 'trap', ...describeTrap(thrown, log) };
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

  #currentMessage(): MessageContext {
    if (this.#message !== undefined) return this.#message;
    throw new PlexSpacesError('FAILED_PRECONDITION', 'a host function was called outside a message');
  }
}

function bytesOf(target: GuestTarget, outcome: GuestOutcome): number {
  const given = 'payload' in target ? target.payload.length : 0;
  return given + (outcome.kind === 'ok' ? (outcome.payload?.length ?? 0) : 0);
}

/** The guest's own error: jco throws a `result`'s error value as it is, or wraps it in a ComponentError. */
function typedError(thrown: unknown): string | undefined {
  if (typeof thrown === 'string') return thrown;
  if (!(thrown instanceof Error) || !('payload' in thrown)) return undefined;
  return typeof thrown.payload === 'string' ? thrown.payload : undefined;
}

function describeTrap(thrown: unknown, log: GuestLog): { reason: TrapReason; message: string } {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const stderr = log.stderrTail === '' ? '' : `; stderr: ${log.stderrTail}`;
  const lastError = log.lastError === '' ? '' : `; log: ${log.lastError}`;
  return { reason: trapReason(thrown, message, log), message: `${message}${stderr}${lastError}` };
}

function trapReason(thrown: unknown, message: string, log: GuestLog): TrapReason {
  if (thrown instanceof GuestFault) return thrown.reason;
  if (thrown instanceof RangeError && message.includes('call stack')) return 'STACK_OVERFLOW';
  if (message.toLowerCase().includes('out of memory')) return 'MEMORY_LIMIT';
  if (STDERR_OUT_OF_MEMORY.test(log.stderrTail) || RUST_OUT_OF_MEMORY.test(log.lastError)) return 'MEMORY_LIMIT';
  if (thrown instanceof Error && 'exitError' in thrown) return 'GUEST_EXIT';
  return 'TRAP';
}
