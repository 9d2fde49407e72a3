/**
 * Callers that wait for a worker: first in, first out.
 *
 * P4. A caller that is cancelled leaves the queue and takes nothing with it.
 */
import { PlexSpacesError } from '@plexspaces/core';

export interface Waiter<W> {
  readonly resolve: (worker: W) => void;
  readonly reject: (error: PlexSpacesError) => void;
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

  /** @throws the signal's reason. */
  wait(signal: AbortSignal | undefined): Promise<W> {
    const { promise, resolve, reject } = Promise.withResolvers<W>();
    const leave = (): void => {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1); // P4
      reject(PlexSpacesError.from(signal?.reason));
      this.#onLeave();
    };
    const settled = (): void => signal?.removeEventListener('abort', leave);
    const waiter: Waiter<W> = {
      resolve: (worker) => {
        settled();
        resolve(worker);
      },
      reject: (error) => {
        settled();
        reject(error);
      },
    };
    signal?.addEventListener('abort', leave, { once: true });
    this.#waiters.push(waiter);
    return promise;
  }

  /** Who waits longest, to be settled by the taker. */
  next(): Waiter<W> | undefined {
    return this.#waiters.shift();
  }

  rejectAll(error: PlexSpacesError): void {
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }
}
