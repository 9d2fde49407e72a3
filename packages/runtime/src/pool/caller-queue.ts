/**
 * Callers that wait for a worker, in the order in which they came.
 *
 * P4. A caller that is cancelled leaves the queue and takes nothing with it.
 */
import { PlexSpacesError } from '@plexspaces/core';

/** Told of one of the two, in the turn in which it comes about. */
export interface Waiter<W> {
  /** Who came earlier is served earlier. */
  readonly arrival: number;
  resolve(worker: W): void;
  reject(error: PlexSpacesError): void;
}

export class CallerQueue<W> {
  readonly #waiters: Waiter<W>[] = [];
  readonly #onLeave: () => void;

  /** @param onLeave somebody was cancelled. */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  get length(): number {
    return this.#waiters.length;
  }

  /** At the place that its arrival gives it. */
  enter(waiter: Waiter<W>, signal: AbortSignal | undefined): void {
    const behind = this.#waiters.findLastIndex(({ arrival }) => arrival < waiter.arrival);
    this.#waiters.splice(behind + 1, 0, signal === undefined ? waiter : this.#leaving(waiter, signal));
  }

  /** Who waits longest, to be settled by the taker. */
  next(): Waiter<W> | undefined {
    return this.#waiters.shift();
  }

  rejectAll(error: PlexSpacesError): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  #leaving(waiter: Waiter<W>, signal: AbortSignal): Waiter<W> {
    const leave = (): void => {
      this.#waiters.splice(this.#waiters.indexOf(leaving), 1); // P4
      waiter.reject(PlexSpacesError.from(signal.reason));
      this.#onLeave();
    };
    const leaving: Waiter<W> = {
      arrival: waiter.arrival,
      resolve: (worker) => {
        signal.removeEventListener('abort', leave);
        waiter.resolve(worker);
      },
      reject: (error) => {
        signal.removeEventListener('abort', leave);
        waiter.reject(error);
      },
    };
    signal.addEventListener('abort', leave, { once: true });
    return leaving;
  }
}
