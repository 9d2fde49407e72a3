/**
 * Watches the calls in one thread: what runs past its deadline, or uses more CPU time than it may, has to end.
 *
 * G1. A call is looked at when it may have reached a limit, and not before: one that is short costs nothing.
 * G2. The thread is asked for its CPU time only behind as much wall-clock time: it cannot have used more.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { cpuMsOf, readRunning } from '@plexspaces/worker';
import type { RunningCall } from '@plexspaces/worker';
import type { SentCalls } from './sent-calls.ts';

export interface CpuLimit {
  /** CPU time of one call; what its thread waits and sleeps is none. */
  readonly limitMs: number;
  /** CPU time of the thread so far. @throws where it ended. */
  usedMicros(): Promise<number>;
}

interface Watched {
  id: number;
  readonly timeoutMs: number;
}

export interface WatchdogOptions {
  readonly cells: Int32Array<SharedArrayBuffer>;
  /** What the thread has. */
  readonly calls: Pick<SentCalls<Watched>, 'size' | 'get' | 'all'>;
  readonly cpu?: CpuLimit | undefined;
  /** For negative controls in tests only: nothing is ended. */
  readonly unsafeUnwatched?: boolean | undefined;
  /** The thread has to end. */
  readonly onFault: (reason: PlexSpacesError) => void;
}

export class Watchdog implements Disposable {
  readonly #options: WatchdogOptions;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = 0;
  #isOver = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** One more call was sent, which may take this long. */
  watch(timeoutMs: number): void {
    this.#lookIn(Math.min(timeoutMs, this.#options.cpu?.limitMs ?? Infinity)); // G1
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** One timer for all calls, left alone as long as it does not come too late. */
  #lookIn(delayMs: number): void {
    const at = performance.now() + delayMs;
    if (this.#isOver || this.#options.unsafeUnwatched === true || (this.#timer !== undefined && this.#dueAt <= at))
      return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(() => this.#look(), delayMs).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const { calls, cells, onFault } = this.#options;
    const running = readRunning(cells);
    const call = running && calls.get(running.id);
    if (running !== undefined && call !== undefined) {
      const remainingMs = call.timeoutMs - running.elapsedMs;
      if (remainingMs <= 0) return onFault(deadlineExceeded(call.timeoutMs));
      this.#lookIn(remainingMs);
      void this.#lookAtCpu(running);
    } else if (calls.size > 0) {
      this.watch(Math.min(...calls.all().map(({ timeoutMs }) => timeoutMs)));
    }
  }

  async #lookAtCpu(running: RunningCall): Promise<void> {
    const { cpu, cells, calls, onFault } = this.#options;
    if (cpu === undefined) return;
    if (running.elapsedMs < cpu.limitMs) return this.#lookIn(cpu.limitMs - running.elapsedMs); // G2
    const micros = await cpu.usedMicros().catch(() => undefined);
    if (micros === undefined || this.#isOver) return; // what ended needs no watching
    if (readRunning(cells)?.id !== running.id || calls.get(running.id) === undefined) return this.#lookIn(cpu.limitMs);
    const usedMs = cpuMsOf(running, micros);
    if (usedMs >= cpu.limitMs) onFault(cpuLimitReached(cpu.limitMs));
    else this.#lookIn(cpu.limitMs - usedMs); // G2
  }
}

function deadlineExceeded(timeoutMs: number): PlexSpacesError {
  return new PlexSpacesError(
    'DEADLINE_EXCEEDED',
    `the call did not end within ${Math.round(timeoutMs)} ms; its instance was ended`,
  );
}

function cpuLimitReached(limitMs: number): PlexSpacesError {
  return new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `the call used more than limits.cpuMs, ${limitMs} ms of CPU time; its instance was ended`,
    { reason: 'CPU_LIMIT' },
  );
}
