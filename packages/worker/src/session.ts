/**
 * A working session of a thread: from the main thread's hand-over of its ports until `close`.
 *
 * It owns the instances that the thread holds, and what is run in them; how calls come and results go is ThreadEnd's
 * business. comlink carries what happens seldom.
 *
 * T1. Before anything that is seen outside or takes long, the main thread is woken for the results so far.
 */
import { threadId } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import { expose } from 'comlink';
import { claimCall } from './bridge/claims.ts';
import { headerCells } from './bridge/layout.ts';
import { markCallLength, markCpuTime, markRunning, markThread, MEDIUM_CALL_MICROS } from './bridge/status.ts';
import { ThreadEnd } from './bridge/thread-end.ts';
import { comlinkEndpoint } from './endpoint.ts';
import { FirstRest } from './first-rest.ts';
import type { GuestCode } from './guest-code.ts';
import { GuestInstance } from './guest-instance.ts';
import { loadCode } from './load-code.ts';
import { provenSnapshot } from './proven-snapshot.ts';
import type {
  Activation,
  ComponentSource,
  GuestCall,
  GuestOutcome,
  InstanceSlot,
  LogLine,
  SessionTask,
  WorkerControl,
} from './protocol.ts';

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
  readonly #end: ThreadEnd;
  readonly #rest = new FirstRest();
  /** Of the call that runs, or ran last. */
  #callId = 0;
  /** It logged something. */
  #hasLogged = false;
  /** Of the longest call lately, but for those that came alone: of the machine's own pauses there is always one now and then. */
  #callMicros = MAX_CALL_MICROS;
  #lastMicros = MAX_CALL_MICROS;
  #cpuSampledAt = -Infinity;
  /** Of the instance of the call that ran last; see GuestResult. */
  #wornAfter = 0;

  constructor(task: SessionTask) {
    this.#task = task;
    this.#cells = headerCells(task.bridge);
    this.#end = new ThreadEnd(task.calls, task.bridge);
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
    this.#end.listen((call) => this.#handle(call));
    await this.#ended.promise;
    control.close();
    calls.close();
  }

  async load(component: ComponentSource): Promise<void> {
    this.#code = await loadCode(component);
    this.#rest.await();
  }

  activate(slot: InstanceSlot, activation: Activation): void {
    if (this.#code === undefined) throw new PlexSpacesError('INTERNAL', 'activate: no component is loaded');
    this.#instances.delete(slot); // lets the old instance's memory go before the new one takes its own
    const instance = new GuestInstance(this.#code, {
      activation,
      bridge: this.#task.bridge,
      timeoutMs: this.#task.hostCallTimeoutMs,
      log: (line) => this.#log(line),
      ring: this.#end.wakeMain, // T1
      beforeWait: this.#end.wakeMain, // T1
    });
    this.#instances.set(slot, instance);
  }

  drop(slot: InstanceSlot): void {
    this.#instances.delete(slot);
  }

  close(): void {
    this.#rest.cancel();
    this.#ended.resolve();
  }

  #handle(call: GuestCall): void {
    const startedAt = performance.now();
    this.#rest.stir();
    this.#callId = call.id;
    this.#hasLogged = false;
    this.#wornAfter = 0;
    const outcome = this.#run(call, startedAt);
    const micros = (performance.now() - startedAt) * 1000;
    if (call.target.export !== 'proven-snapshot') this.#measure(micros); // as rare as it is long
    const result = { id: call.id, outcome, wornAfter: this.#wornAfter };
    this.#end.tell(result, this.#callMicros > MEDIUM_CALL_MICROS, this.#hasLogged);
  }

  #log(line: LogLine): void {
    this.#hasLogged = true;
    this.#end.send({ line, id: this.#callId });
  }

  #measure(micros: number): void {
    const alike = Math.min(micros, this.#lastMicros, MAX_CALL_MICROS);
    this.#lastMicros = micros;
    this.#callMicros = Math.ceil(Math.max(alike, this.#callMicros * MEMORY));
    markCallLength(this.#cells, this.#callMicros);
  }

  /** Undefined: it was taken back, or finds an instance that is not to be called any more: the main thread does not know yet. */
  #run(call: GuestCall, startedAt: number): GuestOutcome | undefined {
    if (this.#instances.get(call.slot)?.isOver === true) return undefined;
    if (!claimCall(this.#cells, call.id)) return undefined;
    if (startedAt - this.#cpuSampledAt > CPU_SAMPLE_MS) this.#sampleCpu(startedAt);
    markRunning(this.#cells, call.id);
    const instance = this.#instances.get(call.slot);
    if (instance === undefined) return { kind: 'trap', reason: 'TRAP', message: 'the thread holds no such instance' };
    const outcome = runIn(instance, call);
    this.#wornAfter = instance.wornAfter(startedAt, call.target, outcome);
    return outcome;
  }

  #sampleCpu(now: number): void {
    const { user, system } = process.threadCpuUsage();
    markCpuTime(this.#cells, user + system);
    this.#cpuSampledAt = now;
  }
}

function runIn(instance: GuestInstance, { target, message }: GuestCall): GuestOutcome {
  return target.export === 'proven-snapshot' ? provenSnapshot(instance, message) : instance.call(target, message);
}
