/** A store that writes nothing of what durable actors keep: journals, snapshots, idempotency records, attempts. A control. */
import type { KeyRange, Store, StoreOperation } from '../../packages/runtime/src/store/store.ts';

const FORGOTTEN = ['j/', 's/', 'i/', 'u/'];

export class ForgetfulStore implements Store {
  readonly #inner: Store;

  constructor(inner: Store) {
    this.#inner = inner;
  }

  async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    const kept = operations.filter(({ key }) => !FORGOTTEN.some((prefix) => key.startsWith(prefix)));
    await this.#inner.batch(kept, options);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#inner.get(key);
  }

  range(range: KeyRange): AsyncIterable<readonly [key: string, value: Uint8Array]> {
    return this.#inner.range(range);
  }

  edgeKey(range: KeyRange, edge: 'first' | 'last'): Promise<string | undefined> {
    return this.#inner.edgeKey(range, edge);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
