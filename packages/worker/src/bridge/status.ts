/**
 * What a thread runs and since when, in shared memory: a thread that computes or sleeps cannot be asked.
 *
 * The thread writes start and CPU time before the call's number, the main thread reads them the other way round: a
 * number that it reads twice the same, around them, belongs to them.
 */
import { CALL_MICROS_CELL, CPU_CELL, RUNNING_CELL, STARTED_CELL, THREAD_CELL } from './layout.ts';

export interface RunningCall {
  readonly id: number;
  readonly elapsedMs: number;
  /** CPU time that the thread had used not long before the call started; counts around, see cpuMsOf. */
  readonly startCpuMs: number;
}

/**
 * Calls shorter than this travel several at once, since a message between threads costs some 10 µs at either end;
 * longer ones are not made to wait for each other.
 */
export const SHORT_CALL_MICROS = 50;

/** A few calls wait behind another in the thread while they are shorter than this, so that neither side need be woken for each. */
export const MEDIUM_CALL_MICROS = 400;
/** What they take together. */
const MEDIUM_MICROS_BEHIND = 3000;
/** Some milliseconds of short calls. */
const MOST_SHORT_CALLS_BEHIND = 63;

/** As the longest of the last ones is measured; most of them take a third of it. The main thread takes 2 µs for a call. */
const QUICK_CALL_MICROS = 6;

const CLOCK_MASK = 0x7f_ff_ff_ff;

type Cells = Int32Array<SharedArrayBuffer>;

/** By the thread, when a call starts. It stays there when the call has ended. */
export function markRunning(cells: Cells, id: number): void {
  Atomics.store(cells, STARTED_CELL, monotonicMs());
  Atomics.store(cells, RUNNING_CELL, id);
}

/** By the main thread. The call may have ended meanwhile. Undefined: none was ever started. */
export function readRunning(cells: Cells): RunningCall | undefined {
  for (;;) {
    const id = Atomics.load(cells, RUNNING_CELL);
    if (id === 0) return undefined;
    const startedMs = Atomics.load(cells, STARTED_CELL);
    const startCpuMs = Atomics.load(cells, CPU_CELL);
    if (Atomics.load(cells, RUNNING_CELL) !== id) continue;
    return { id, elapsedMs: (monotonicMs() - startedMs) & CLOCK_MASK, startCpuMs };
  }
}

/** By the thread, before a call starts: the CPU time that it used so far. */
export function markCpuTime(cells: Cells, micros: number): void {
  Atomics.store(cells, CPU_CELL, Math.floor(micros / 1000) & CLOCK_MASK);
}

/** CPU time of the call. @param micros that its thread used so far. */
export function cpuMsOf({ startCpuMs }: RunningCall, micros: number): number {
  return (Math.floor(micros / 1000) - startCpuMs) & CLOCK_MASK;
}

/** By the thread: its number among the threads of the process. */
export function markThread(cells: Cells, threadId: number): void {
  Atomics.store(cells, THREAD_CELL, threadId);
}

/** By the main thread. 0: the thread did not come up yet. */
export function readThread(cells: Cells): number {
  return Atomics.load(cells, THREAD_CELL);
}

/** By the thread: how long the longest of its last calls took. */
export function markCallLength(cells: Cells, micros: number): void {
  Atomics.store(cells, CALL_MICROS_CELL, micros);
}

/** By the main thread. False until there was a call. */
export function areCallsShort(cells: Cells): boolean {
  const micros = Atomics.load(cells, CALL_MICROS_CELL);
  return micros > 0 && micros <= SHORT_CALL_MICROS;
}

/** By the main thread: they are over as soon as it brings them. False until there was a call. */
export function areCallsQuick(cells: Cells): boolean {
  const micros = Atomics.load(cells, CALL_MICROS_CELL);
  return micros > 0 && micros <= QUICK_CALL_MICROS;
}

/** By the main thread: how many calls may wait in the thread behind the one that runs. */
export function mostBehind(cells: Cells): number {
  const micros = Atomics.load(cells, CALL_MICROS_CELL);
  if (micros === 0 || micros > MEDIUM_CALL_MICROS) return 0;
  return micros <= SHORT_CALL_MICROS ? MOST_SHORT_CALLS_BEHIND : Math.floor(MEDIUM_MICROS_BEHIND / micros);
}

/** One clock for all threads of the process, whatever happens to the machine's time; wraps after 24 days. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return (seconds * 1000 + Math.floor(nanoseconds / 1_000_000)) & CLOCK_MASK;
}
