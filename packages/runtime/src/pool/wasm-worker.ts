/**
 * WASMWorker: the main thread's handle of one worker thread and the component instances in it.
 *
 * It owns the thread's session: its life, its instances and its control plane; the calls into it are
 * ThreadCalls' business. It does not own the thread itself (piscina does) nor decide who may call (the pool and
 * the actors do).
 *
 * V2. An instance that trapped is never called again: the worker `isUsable` no more until it is dropped.
 */
import { MessageChannel } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import {
  comlinkEndpoint,
  createBridgeBuffer,
  FIRST_SLOT,
  headerCells,
  readThread,
  sendToEventLoop,
} from '@plexspaces/worker';
import type {
  Activation,
  ComponentSource,
  GuestOutcome,
  InstanceSlot,
  SessionTask,
  WorkerControl,
} from '@plexspaces/worker';
import { wrap } from 'comlink';
import type { Remote } from 'comlink';
import type { Piscina } from 'piscina';
import type { WaitsFor } from '../host/waiting.ts';
import { expectGeneratedFile } from '../components/generated-file.ts';
import { threadDeath } from './guest-errors.ts';
import { guestWaits, NOT_STARTED, notStarted, ThreadCalls } from './thread-calls.ts';
import type { CallSettler, WorkerCall } from './thread-calls.ts';
import type { CallTimes } from './call-times.ts';

/** Loading a component takes tens of milliseconds; a thread that takes this long will not come. */
const START_TIMEOUT_MS = 30_000;
const HOST_CALL_TIMEOUT_MS = 30_000;

export interface WorkerOptions {
  /** CPU time of one call; default: no limit beside its deadline. */
  readonly cpuMs?: number | undefined;
  readonly times?: CallTimes | undefined;
  /** For negative controls in tests only: no call is ended for taking too long. */
  readonly unsafeUnwatched?: boolean | undefined;
}

export class WASMWorker {
  readonly #control: Remote<WorkerControl>;
  readonly #calls: ThreadCalls;
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  readonly #spent = new Set<InstanceSlot>();
  /** Worn instances, and how many calls did it. */
  readonly #worn = new Map<InstanceSlot, number>();
  /** Of the control calls under way. */
  readonly #interrupts = new Set<(reason: PlexSpacesError) => void>();
  #death: PlexSpacesError | undefined;
  #onWaitChange: (() => void) | undefined;

  private constructor(threads: Piscina, { cpuMs, times, unsafeUnwatched }: WorkerOptions) {
    const control = new MessageChannel();
    const calls = new MessageChannel();
    const bridge = createBridgeBuffer();
    const task: SessionTask = {
      control: control.port2,
      calls: calls.port2,
      bridge,
      hostCallTimeoutMs: HOST_CALL_TIMEOUT_MS,
    };
    this.#control = wrap<WorkerControl>(comlinkEndpoint(control.port1, () => sendToEventLoop(headerCells(bridge))));
    this.#calls = new ThreadCalls({
      port: calls.port1,
      bridge,
      cpu: cpuMs === undefined ? undefined : { limitMs: cpuMs, usedMicros: () => cpuMicros(threads, bridge) },
      times,
      unsafeUnwatched,
      onTrap: (slot) => this.#spent.add(slot), // V2
      onWorn: (slot, after) => this.#worn.set(slot, after),
      onWait: () => {
        this.#interrupt(guestWaits(this.waitsFor));
        this.#onWaitChange?.();
      },
      onWaitEnd: () => this.#onWaitChange?.(),
      onFault: (reason) => this.terminate(reason),
    });
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

  /** Takes a thread and loads the component. @throws UNAVAILABLE where no thread comes up in time, DATA_LOSS where its file was changed. */
  static async start(threads: Piscina, component: ComponentSource, options: WorkerOptions = {}): Promise<WASMWorker> {
    const worker = new WASMWorker(threads, options);
    try {
      await worker.#controlled('load the component', async () => {
        await expectGeneratedFile(component);
        await worker.#control.load(component);
      });
    } catch (thrown) {
      const error = PlexSpacesError.from(thrown);
      throw error.reason === NOT_STARTED ? PlexSpacesError.from(error.cause) : error; // there was nothing before it
    }
    return worker;
  }

  /** False once an instance is spent or the thread ended. */
  get isUsable(): boolean {
    return this.#spent.size === 0 && this.#death === undefined; // V2
  }

  /** False once the thread ended. */
  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /** What the guest that runs waits for in a host call; undefined: it does not wait. */
  get waitsFor(): WaitsFor | undefined {
    return this.isAlive ? this.#calls.waitsFor : undefined;
  }

  /** Called whenever its guest waits, and whenever it does not any more. */
  watchWaits(onChange: () => void): void {
    this.#onWaitChange = onChange;
  }

  /** Resolves when the thread is free again, however that came about. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Replaces the slot's instance by a fresh one. @throws what the component's own start does. */
  async activate(activation: Activation, slot: InstanceSlot = FIRST_SLOT): Promise<void> {
    await this.#controlled('instantiate the component', () => this.#control.activate(slot, activation));
    this.#forget(slot);
  }

  /** What the slot holds trapped. */
  isSpent(slot: InstanceSlot): boolean {
    return this.#spent.has(slot);
  }

  /** How many calls have worn what the slot holds; 0: it is not worn. */
  wornAfter(slot: InstanceSlot = FIRST_SLOT): number {
    return this.#worn.size === 0 ? 0 : (this.#worn.get(slot) ?? 0);
  }

  /** Lets the slot's instance go. */
  async drop(slot: InstanceSlot): Promise<void> {
    this.#forget(slot);
    const dropped = this.#control.drop(slot);
    if (this.waitsFor === undefined) await this.#controlled('drop an instance', () => dropped);
    else dropped.catch(() => undefined); // it is done when the guest has what it waits for, or dies with the thread
  }

  /** Runs one export of the guest behind the calls that were made before; see ThreadCalls. */
  call(call: WorkerCall): Promise<GuestOutcome> {
    return this.#calls.call(call);
  }

  /** As `call`; see ThreadCalls. */
  start(call: WorkerCall, end: CallSettler): void {
    this.#calls.start(call, end);
  }

  /** How many calls may wait in the thread behind the one that runs. */
  get mostBehind(): number {
    return this.isUsable && this.wornAfter() === 0 ? this.#calls.mostBehind : 0;
  }

  /** Quick calls are better put behind others of its own than in another worker. */
  get isEnough(): boolean {
    return this.#calls.isEnough;
  }

  /** For how long the call has been running that runs; 0: none does. */
  get runsForMs(): number {
    return this.#calls.runsForMs;
  }

  /** Calls that have not started fail with NOT_STARTED. */
  takeBackAll(reason: PlexSpacesError): void {
    this.#calls.takeBackAll(reason);
  }

  /** Ends the thread at once; the call that runs fails with `reason`. */
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

  #forget(slot: InstanceSlot): void {
    this.#spent.delete(slot);
    this.#worn.delete(slot);
  }

  #die(reason: PlexSpacesError): void {
    if (this.#death !== undefined) return;
    this.#death = reason;
    this.#calls.end(reason);
    this.#interrupt(reason);
  }

  #interrupt(reason: PlexSpacesError): void {
    for (const interrupt of this.#interrupts) interrupt(reason);
  }

  /** comlink never settles a call whose thread died, so that death and a limit are raced against it. */
  async #controlled(what: string, action: () => Promise<unknown>): Promise<void> {
    if (this.#death !== undefined) throw notStarted(what, this.#death);
    if (this.waitsFor !== undefined) throw notStarted(what, guestWaits(this.waitsFor));
    const interrupted = Promise.withResolvers<never>();
    const interrupt = (reason: PlexSpacesError): void => interrupted.reject(notStarted(what, reason));
    this.#interrupts.add(interrupt);
    const late = new PlexSpacesError('UNAVAILABLE', `${what}: no answer within ${START_TIMEOUT_MS} ms`);
    // A thread that runs a call cannot answer; the call has a deadline of its own.
    const timer = setInterval(() => {
      if (this.#calls.isIdle) interrupted.reject(late);
    }, START_TIMEOUT_MS);
    try {
      await Promise.race([action(), interrupted.promise]);
    } catch (thrown) {
      const error = thrown instanceof PlexSpacesError ? thrown : startFailure(what, thrown);
      if (error.reason !== NOT_STARTED) this.terminate(error);
      throw error;
    } finally {
      clearInterval(timer);
      this.#interrupts.delete(interrupt);
    }
  }
}

/** V8 answers between two instructions of whatever runs there, also for a thread that waits. */
async function cpuMicros(threads: Piscina, bridge: SharedArrayBuffer): Promise<number> {
  const threadId = readThread(headerCells(bridge));
  const thread = threads.threads.find((candidate) => candidate.threadId === threadId);
  if (thread === undefined) throw new PlexSpacesError('UNAVAILABLE', 'the thread ended');
  const { user, system } = await thread.cpuUsage();
  return user + system;
}

/** An error of the closed set that was thrown in the thread arrives as a plain one: its class does not cross. */
function startFailure(what: string, thrown: unknown): PlexSpacesError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new PlexSpacesError('FAILED_PRECONDITION', `cannot ${what}: ${text}`, { cause: thrown, reason: 'TRAP' });
}
