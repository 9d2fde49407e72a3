/** A clock that stands still until a test moves it, and what waits for it. */
import type { Clock } from '../../packages/runtime/src/clock.ts';

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #waiting = new Set<Waiting>();
  /** Told after each that ran. */
  onRun: () => void = () => undefined;

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const waiting = { atMs: this.#nowMs + delayMs, run };
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }

  /** Delays of what waits, the shortest first. */
  get delaysMs(): number[] {
    return [...this.#waiting].map(({ atMs }) => atMs - this.#nowMs).toSorted((a, b) => a - b);
  }

  /** Goes on by so much, and runs what is due on the way, each at its time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#waiting.delete(next);
      next.run();
      this.onRun();
    }
    this.#nowMs = endMs;
  }

  /** Somebody sets it: what waits goes on waiting as long as before. */
  set(nowMs: number): void {
    const moved = nowMs - this.#nowMs;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { atMs, run } of waiting) this.#waiting.add({ atMs: atMs + moved, run });
    this.#nowMs = nowMs;
  }

  #next(endMs: number): Waiting | undefined {
    const due = [...this.#waiting].filter(({ atMs }) => atMs <= endMs);
    return due.toSorted((a, b) => a.atMs - b.atMs)[0];
  }
}
