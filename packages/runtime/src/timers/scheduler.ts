/**
 * The node's alarm clock: runs what is due, in the order of the times, with one timer of the system for all of it.
 *
 * S1. Nothing runs before its time, as the machine's clock tells it.
 * S2. It looks at the clock at least once a minute while something waits: that clock may be set, and a timer of the
 *     system reaches 24 days at most.
 * S3. At most so many run in one turn of the event loop; what else is due comes in the next ones.
 */
import type { Clock } from '../clock.ts';
import { SortedMap } from '../sorted-map.ts';

interface Alarm {
  readonly atMs: number;
  /** Of those at the same time, the first that was set. */
  readonly number: number;
}

const MAX_WAIT_MS = 60_000;
const MAX_AT_ONCE = 256;

export class Scheduler implements Disposable {
  readonly #clock: Clock;
  readonly #alarms = new SortedMap<Alarm, () => void>((a, b) => a.atMs - b.atMs || a.number - b.number);
  #lastNumber = 0;
  #stopWaiting: (() => void) | undefined;
  #waitsForMs = Infinity;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param run must not throw. @returns what keeps it from running, if it did not yet. */
  at(atMs: number, run: () => void): () => void {
    this.#lastNumber += 1;
    const alarm = { atMs, number: this.#lastNumber };
    this.#alarms.set(alarm, run);
    if (atMs < this.#waitsForMs) this.#wait();
    return () => void this.#alarms.delete(alarm);
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Nothing runs any more. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#stopWaiting?.();
    this.#alarms.clear();
  }

  #wait(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#waitsForMs = this.#alarms.minKey()?.atMs ?? Infinity;
    if (this.#waitsForMs === Infinity || this.#isClosed) return;
    const delayMs = Math.min(Math.max(0, this.#waitsForMs - this.#clock.nowMs()), MAX_WAIT_MS); // S2
    this.#stopWaiting = this.#clock.after(delayMs, () => this.#ring());
  }

  #ring(): void {
    const nowMs = this.#clock.nowMs();
    for (let run = 0; run < MAX_AT_ONCE; run += 1) {
      const first = this.#alarms.minKey();
      if (first === undefined || first.atMs > nowMs) break; // S1
      const due = this.#alarms.get(first);
      this.#alarms.delete(first);
      due?.();
    }
    this.#wait(); // S3
  }
}
