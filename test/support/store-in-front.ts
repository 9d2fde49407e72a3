/** A store in front of another one, which does what that one does: tests put their faults into what they override. */
import type { KeyRange, Store, StoreOperation } from '../../packages/runtime/src/store/store.ts';

export class StoreInFront implements Store {
  readonly #inner: Store;

  constructor(inner: Store) {
    this.#inner = inner;
  }

  batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    return this.#inner.batch(operations, options);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#inner.get(key);
  }

  range(range: KeyRange): AsyncIterable<readonly [key: string, value: Uint8Array]> {
    return this.#inner.range(range);
  }

  keys(range: KeyRange): AsyncIterable<string> {
    return this.#inner.keys(range);
  }

  edgeKey(range: KeyRange, edge: 'first' | 'last'): Promise<string | undefined> {
    return this.#inner.edgeKey(range, edge);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
