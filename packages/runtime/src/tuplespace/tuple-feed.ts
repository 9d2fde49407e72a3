/**
 * A client's subscription: what is written from now on, in a bounded buffer, as fast as the client takes it.
 *
 * F1. What was buffered before the end comes before it, so that the client has everything up to it.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple } from '@plexspaces/core';
import { expectServed } from './await-tuple.ts';
import type { TupleWait } from './await-tuple.ts';
import type { Spaces } from './spaces.ts';

interface Buffered {
  readonly tuple: Tuple;
  readonly bytes: number;
}

/** Tuples that were taken meanwhile live in the buffer alone. */
const MAX_BUFFERED_BYTES = 16_777_216;

export class TupleFeed implements Disposable {
  readonly #limit: number;
  readonly #signals: Pick<TupleWait, 'signal' | 'closing'>;
  readonly #leave: () => boolean;
  #buffer: Buffered[] = [];
  #bytes = 0;
  #overflow: PlexSpacesError | undefined;
  #wake: (() => void) | undefined;

  /** @throws RESOURCE_EXHAUSTED where the space has too many subscriptions. */
  constructor(spaces: Spaces, space: string, pattern: Pattern, signals: Pick<TupleWait, 'signal' | 'closing'>) {
    expectServed(signals);
    this.#limit = spaces.options.subscriptionBuffer;
    this.#signals = signals;
    this.#leave = spaces.subscribe(space, pattern, {
      notify: (tuple, bytes) => {
        this.#push({ tuple, bytes });
        return [];
      },
    });
  }

  /** Waits for the next ones. @throws RESOURCE_EXHAUSTED behind an overflow; CANCELLED; why nobody is served. */
  async next(): Promise<readonly Tuple[]> {
    if (this.#buffer.length === 0 && this.#overflow === undefined) await this.#arrival();
    const buffered = this.#buffer;
    if (buffered.length === 0) throw this.#end(); // F1
    this.#buffer = [];
    this.#bytes = 0;
    return buffered.map(({ tuple }) => tuple);
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  #push(buffered: Buffered): void {
    this.#bytes += buffered.bytes;
    if (this.#buffer.length < this.#limit && this.#bytes <= MAX_BUFFERED_BYTES) this.#buffer.push(buffered);
    else this.#overflowed();
    this.#wake?.();
  }

  #overflowed(): void {
    this.#leave();
    this.#overflow = new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `subscription: expected a reader that is at most ${this.#limit} tuples and ${MAX_BUFFERED_BYTES} bytes behind, ` +
        `found one that is further behind`,
    );
  }

  #end(): PlexSpacesError {
    if (this.#overflow !== undefined) return this.#overflow;
    try {
      expectServed(this.#signals);
    } catch (thrown) {
      return PlexSpacesError.from(thrown);
    }
    return new PlexSpacesError('INTERNAL', 'subscription: expected a tuple or an end, found neither');
  }

  /** A tuple, or an end. */
  #arrival(): Promise<void> {
    const { signal, closing } = this.#signals;
    if (signal.aborted || closing.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake = undefined;
        signal.removeEventListener('abort', wake);
        closing.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake);
      closing.addEventListener('abort', wake);
    });
  }
}
