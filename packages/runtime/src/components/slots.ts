/** At most so many at once, so many more in line, first come first served. */
import { PlexSpacesError } from '@plexspaces/core';
import { cancelled, throwIfAborted } from './single-flight.ts';

export class Slots {
  readonly #queueLimit: number;
  readonly #what: string;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** `what` is done in a slot, for the message of who finds the line full. */
  constructor(count: number, queueLimit: number, what: string) {
    this.#free = count;
    this.#queueLimit = queueLimit;
    this.#what = what;
  }

  /** @throws RESOURCE_EXHAUSTED (QUEUE_FULL) where the line is full, CANCELLED on abort while in it. */
  async with<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    if (this.#waiting.length >= this.#queueLimit) throw this.#full();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => {
      const place = this.#waiting.indexOf(resolve);
      if (place < 0) return; // its turn came just before
      this.#waiting.splice(place, 1);
      reject(cancelled(signal));
    };
    this.#waiting.push(resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    await promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  /** The slot goes to the next in line, or back. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }

  #full(): PlexSpacesError {
    return new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `${this.#what}: expected at most ${this.#queueLimit} in line, found as many waiting already`,
      { reason: 'QUEUE_FULL' },
    );
  }
}
