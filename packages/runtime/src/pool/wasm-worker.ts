/**
 * WASMWorker: the main thread's handle of one worker thread with one instantiated component.
 *
 * It owns the thread's session: the ports, the bridge and the one call that may be under way. It does not
 * own the thread itself (piscina does) nor decide who may call (the pool does).
 *
 * V1. One call at a time; every call settles, by outcome, deadline or the thread's death.
 * V2. A worker whose instance is spent or whose thread ended `isUsable` no more and is never called again.
 */
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import { BridgeServer, comlinkEndpoint, createBridgeBuffer } from '@plexspaces/worker';
import type {
  Activation,
  ComponentSource,
  FromThread,
  GuestOutcome,
  GuestTarget,
  InstanceSlot,
  LogLine,
  MessageContext,
  SessionTask,
  WorkerControl,
} from '@plexspaces/worker';
import { wrap } from 'comlink';
import type { Remote } from 'comlink';
import type { Piscina } from 'piscina';
import { threadDeath } from './guest-errors.ts';

/** What a call may use of the node. */
export interface CallHost {
  /** Answers the bytes of a host call. A throw ends the call with that error, and the thread. */
  answer(request: Uint8Array): Uint8Array | Promise<Uint8Array>;
  log(line: LogLine): void;
}

export interface WorkerCall {
  /** Default: `actor`. */
  readonly slot?: InstanceSlot;
  readonly target: GuestTarget;
  readonly message: MessageContext;
  readonly host: CallHost;
  /** Past it the thread is ended: nothing else stops a guest. */
  readonly timeoutMs: number;
}

interface CallUnderWay {
  readonly id: number;
  readonly host: CallHost;
  readonly settle: PromiseWithResolvers<GuestOutcome>;
}

/** Loading a component takes tens of milliseconds; a thread that takes this long will not come. */
const START_TIMEOUT_MS = 30_000;
const HOST_CALL_TIMEOUT_MS = 30_000;

export class WASMWorker {
  readonly #control: Remote<WorkerControl>;
  readonly #calls: MessagePort;
  readonly #server: BridgeServer;
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #call: CallUnderWay | undefined;
  /** Of the control call under way. */
  #interrupt: ((reason: PlexSpacesError) => void) | undefined;
  #nextCallId = 1;
  #death: PlexSpacesError | undefined;
  #spent = false;

  private constructor(threads: Piscina) {
    const control = new MessageChannel();
    const calls = new MessageChannel();
    const bridge = createBridgeBuffer();
    const task: SessionTask = {
      control: control.port2,
      calls: calls.port2,
      bridge,
      hostCallTimeoutMs: HOST_CALL_TIMEOUT_MS,
    };
    this.#control = wrap<WorkerControl>(comlinkEndpoint(control.port1));
    this.#calls = calls.port1;
    this.#server = new BridgeServer(bridge);
    this.#calls.on('message', (message: FromThread) => this.#receive(message));
    const session: Promise<unknown> = threads.run(task, {
      signal: this.#abort.signal,
      transferList: [control.port2, calls.port2],
    });
    this.#ended = session
      .then(
        () => this.#die(new PlexSpacesError('UNAVAILABLE', 'the worker was closed')),
        (cause: unknown) => this.#die(threadDeath(cause)),
      )
      .finally(() => {
        control.port1.close();
        calls.port1.close();
      });
  }

  /** Takes a thread and loads the component. @throws UNAVAILABLE where no thread comes up in time. */
  static async start(threads: Piscina, component: ComponentSource): Promise<WASMWorker> {
    const worker = new WASMWorker(threads);
    await worker.#controlled('load the component', () => worker.#control.load(component));
    return worker;
  }

  /** False once the instance is spent or the thread ended. */
  get isUsable(): boolean {
    return !this.#spent && this.#death === undefined; // V2
  }

  /** Resolves when the thread is free again, however that came about. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Replaces the slot's instance by a fresh one. @throws what the component's own start does. */
  async activate(activation: Activation, slot: InstanceSlot = 'actor'): Promise<void> {
    await this.#controlled('instantiate the component', () => this.#control.activate(slot, activation));
    if (slot === 'actor') this.#spent = false;
  }

  async drop(slot: InstanceSlot): Promise<void> {
    await this.#controlled('drop an instance', () => this.#control.drop(slot));
  }

  /**
   * Runs one export of the guest.
   * @throws DEADLINE_EXCEEDED after `timeoutMs`, RESOURCE_EXHAUSTED or UNAVAILABLE where the thread died,
   * or what `host.answer` threw.
   */
  async call(call: WorkerCall): Promise<GuestOutcome> {
    if (this.#call !== undefined) throw new PlexSpacesError('INTERNAL', 'the worker is busy with another call'); // V1
    if (this.#death !== undefined) throw this.#death;
    const id = this.#nextCallId++;
    const settle = Promise.withResolvers<GuestOutcome>();
    this.#call = { id, host: call.host, settle };
    const timer = setTimeout(() => this.terminate(deadlineExceeded(call.timeoutMs)), call.timeoutMs);
    const { slot = 'actor', target, message } = call;
    this.#calls.postMessage({ type: 'call', call: { id, slot, target, message } });
    try {
      const outcome = await settle.promise;
      this.#spent ||= outcome.kind === 'trap' && slot === 'actor'; // V2
      return outcome;
    } finally {
      clearTimeout(timer);
      this.#call = undefined;
    }
  }

  /** Ends the thread at once; a call under way fails with `reason`. */
  terminate(reason: PlexSpacesError): void {
    this.#die(reason);
    this.#abort.abort();
  }

  /** Ends the session and gives the thread back. No call may be under way. */
  async close(): Promise<void> {
    // The thread closes its ports with the session, so that no answer to `close` itself may come.
    this.#control.close().catch(() => undefined);
    await this.#ended;
  }

  #receive(message: FromThread): void {
    const call = this.#call;
    if (call === undefined) return;
    switch (message.type) {
      case 'result':
        if (message.id === call.id) call.settle.resolve(message.outcome);
        break;
      case 'log':
        call.host.log(message.line);
        break;
      case 'host-call':
        this.#server
          .serve((request) => call.host.answer(request))
          .catch((thrown: unknown) => this.terminate(PlexSpacesError.from(thrown)));
        break;
    }
  }

  #die(reason: PlexSpacesError): void {
    this.#death ??= reason;
    this.#call?.settle.reject(this.#death); // V1
    this.#interrupt?.(this.#death);
  }

  /** comlink never settles a call whose thread died, so that death and a limit are raced against it. */
  async #controlled(what: string, action: () => Promise<unknown>): Promise<void> {
    if (this.#death !== undefined) throw this.#death;
    const interrupted = Promise.withResolvers<never>();
    this.#interrupt = interrupted.reject;
    const late = new PlexSpacesError('UNAVAILABLE', `${what}: no answer within ${START_TIMEOUT_MS} ms`);
    const timer = setTimeout(() => interrupted.reject(late), START_TIMEOUT_MS);
    try {
      await Promise.race([action(), interrupted.promise]);
    } catch (thrown) {
      const error = thrown instanceof PlexSpacesError ? thrown : startFailure(what, thrown);
      this.terminate(error);
      throw error;
    } finally {
      clearTimeout(timer);
      this.#interrupt = undefined;
    }
  }
}

function deadlineExceeded(timeoutMs: number): PlexSpacesError {
  return new PlexSpacesError(
    'DEADLINE_EXCEEDED',
    `the call did not end within ${Math.round(timeoutMs)} ms; its instance was ended`,
  );
}

/** An error of the closed set that was thrown in the thread arrives as a plain one: its class does not cross. */
function startFailure(what: string, thrown: unknown): PlexSpacesError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new PlexSpacesError('FAILED_PRECONDITION', `cannot ${what}: ${text}`, { cause: thrown, reason: 'TRAP' });
}
