/** The store in memory: for programs that want no durability, and for tests. */
import { PlexSpacesError } from '@plexspaces/core';
import type { KeyRange, Store, StoreOperation } from './store.ts';

export class MemoryStore implements Store {
  readonly #entries = new Map<string, Uint8Array>();
  #open = true;

  async batch(operations: readonly StoreOperation[]): Promise<void> {
    this.#expectOpen();
    for (const operation of operations) {
      if (operation.type === 'put') this.#entries.set(operation.key, operation.value.slice());
      else this.#entries.delete(operation.key);
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#expectOpen();
    return this.#entries.get(key)?.slice();
  }

  async *range(range: KeyRange): AsyncIterable<readonly [key: string, value: Uint8Array]> {
    this.#expectOpen();
    yield* this.#within(range);
  }

  async *keys(range: KeyRange): AsyncIterable<string> {
    for await (const [key] of this.range(range)) yield key;
  }

  async edgeKey(range: KeyRange, edge: 'first' | 'last'): Promise<string | undefined> {
    this.#expectOpen();
    return this.#within(range).at(edge === 'first' ? 0 : -1)?.[0];
  }

  async close(): Promise<void> {
    this.#open = false;
  }

  #within(range: KeyRange): (readonly [key: string, value: Uint8Array])[] {
    const inRange = [...this.#entries].filter(([key]) => atLeast(key, range.from) && !atLeast(key, range.to));
    return inRange.toSorted(([a], [b]) => compareBytes(a, b));
  }

  #expectOpen(): void {
    if (!this.#open) throw new PlexSpacesError('UNAVAILABLE', 'the store is closed');
  }
}

function atLeast(key: string, bound: string): boolean {
  return compareBytes(key, bound) >= 0;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
