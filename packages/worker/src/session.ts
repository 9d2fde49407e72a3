/**
 * A working session of a thread: from the main thread's hand-over of its ports until `close`.
 *
 * It owns the instances that the thread holds. Calls arrive on their own port, run one after the other and
 * are answered there; comlink carries what happens seldom.
 *
 * T1. Results wait for company only among short calls that made no host call and logged nothing, and never
 *     while a later call waits: when a thread ends, what it had not told of has had no effect.
 */
import { receiveMessageOnPort, threadId } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import { expose } from 'comlink';
import { claimCall } from './bridge/claims.ts';
import { workUntilQuiet } from './bridge/doorbell.ts';
import { headerCells } from './bridge/layout.ts';
import { packResults, unpackCalls } from './bridge/packing.ts';
import { markCallLength, markCpuTime, markRunning, markThread, SHORT_CALL_MICROS } from './bridge/status.ts';
import { comlinkEndpoint } from './endpoint.ts';
import type { GuestCode } from './guest-code.ts';
import { GuestInstance } from './guest-instance.ts';
import { loadCode } from './load-code.ts';
import { provenSnapshot } from './proven-snapshot.ts';
import type {
  Activation,
  ComponentSource,
  FromThread,
  GuestCall,
  GuestOutcome,
  GuestResult,
  InstanceSlot,
  SessionTask,
  ToThread,
  WorkerControl,
} from './protocol.ts';

const MAX_RESULT_DELAY_MS = 0.2;
/** How fast a long call is forgotten: after some ten short ones. */
const MEMORY = 0.8;
const MAX_CALL_MICROS = 500;
/** Asking for the CPU time costs a microsecond: what short calls used since the last time counts for the next one. */
const CPU_SAMPLE_MS = 5;

export class Session implements WorkerControl {
  readonly #task: SessionTask;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #ended = Promise.withResolvers<void>();
  #code: GuestCode | undefined;
  readonly #instances = new Map<InstanceSlot, GuestInstance>();
  #untold: GuestResult[] = [];
  #toldAt = 0;
  /** The running call did something that is seen outside. */
  #wasSeen = false;
  /** Of the longest call lately, but for those that came alone: of the machine's own pauses there is always one now and then. */
  #callMicros = MAX_CALL_MICROS;
  #lastMicros = MAX_CALL_MICROS;
  #cpuSampledAt = -Infinity;

  constructor(task: SessionTask) {
    this.#task = task;
    this.#cells = headerCells(task.bridge);
  }

  /** Resolves when the main thread closes the session. */
  async run(): Promise<void> {
    const { control, calls } = this.#task;
    markThread(this.#cells, threadId);
    const exposed: WorkerControl = {
      load: (component) => this.load(component),
      activate: (slot, activation) => this.activate(slot, activation),
      drop: (slot) => this.drop(slot),
      close: () => this.close(),
    };
    expose(exposed, comlinkEndpoint(control));
    calls.on('message', (message: ToThread) => {
      this.#runAll(unpackCalls(message));
      workUntilQuiet(this.#cells, () => this.#runNext());
    });
    await this.#ended.promise;
    control.close();
    calls.close();
  }

  async load(component: ComponentSource): Promise<void> {
    this.#code = await loadCode(component);
  }

  activate(slot: InstanceSlot, activation: Activation): void {
    if (this.#code === undefined) throw new PlexSpacesError('INTERNAL', 'activate: no component is loaded');
    this.#instances.delete(slot); // lets the old instance's memory go before the new one takes its own
    const instance = new GuestInstance(this.#code, {
      activation,
      bridge: this.#task.bridge,
      timeoutMs: this.#task.hostCallTimeoutMs,
      send: (message) => {
        this.#tellResults(); // T1
        this.#wasSeen = true;
        this.#send(message);
      },
      beforeWait: () => this.#tellResults(), // T1
    });
    this.#instances.set(slot, instance);
  }

  drop(slot: InstanceSlot): void {
    this.#instances.delete(slot);
  }

  close(): void {
    this.#ended.resolve();
  }

  #runNext(): boolean {
    const next: { readonly message: ToThread } | undefined = receiveMessageOnPort(this.#task.calls);
    if (next !== undefined) this.#runAll(unpackCalls(next.message));
    return next !== undefined;
  }

  #runAll(calls: readonly GuestCall[]): void {
    this.#toldAt = performance.now();
    let startedAt = this.#toldAt;
    for (const call of calls) {
      this.#wasSeen = false;
      const outcome = this.#run(call, startedAt); // it may tell of the results so far
      this.#untold.push({ id: call.id, outcome });
      const endedAt = performance.now();
      if (call.target.export !== 'proven-snapshot') this.#measure((endedAt - startedAt) * 1000); // as rare as it is long
      startedAt = endedAt;
      const isLate = endedAt - this.#toldAt > MAX_RESULT_DELAY_MS;
      if (isLate || this.#wasSeen || this.#callMicros > SHORT_CALL_MICROS) this.#tellResults(); // T1
    }
    this.#tellResults();
  }

  #measure(micros: number): void {
    const alike = Math.min(micros, this.#lastMicros, MAX_CALL_MICROS);
    this.#lastMicros = micros;
    this.#callMicros = Math.ceil(Math.max(alike, this.#callMicros * MEMORY));
    markCallLength(this.#cells, this.#callMicros);
  }

  #tellResults(): void {
    if (this.#untold.length === 0) return;
    const results = this.#untold;
    this.#untold = [];
    this.#toldAt = performance.now();
    this.#send(packResults(results));
  }

  /** Undefined: it was taken back, or finds an instance that may not be called any more: the main thread does not know yet. */
  #run(call: GuestCall, startedAt: number): GuestOutcome | undefined {
    if (this.#instances.get(call.slot)?.isSpent === true) return undefined;
    if (!claimCall(this.#cells, call.id)) return undefined;
    if (startedAt - this.#cpuSampledAt > CPU_SAMPLE_MS) this.#sampleCpu(startedAt);
    markRunning(this.#cells, call.id);
    const instance = this.#instances.get(call.slot);
    if (instance === undefined) return { kind: 'trap', reason: 'TRAP', message: 'the thread holds no such instance' };
    if (call.target.export === 'proven-snapshot') return provenSnapshot(instance, call.message);
    return instance.call(call.target, call.message);
  }

  #sampleCpu(now: number): void {
    const { user, system } = process.threadCpuUsage();
    markCpuTime(this.#cells, user + system);
    this.#cpuSampledAt = now;
  }

  #send(message: FromThread): void {
    this.#task.calls.postMessage(message);
  }
}
