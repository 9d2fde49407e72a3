/** A disk in a test's hands: every store put on it writes until the disk is full or broken. */
import type { KeyRange, Store, StoreOperation } from '../../packages/runtime/src/store/store.ts';

export class FailingDisk {
  /** What every batch fails with from now on; undefined: nothing. */
  failure: Error | undefined;
  /** Batches that failed. */
  refused = 0;

  fill(): void {
    this.failure = new Error('IO error: 000003.log: No space left on device');
  }

  breakDown(): void {
    this.failure = new Error('IO error: 000003.log: Input/output error');
  }

  makeRoom(): void {
    this.failure = undefined;
  }

  /** For `decorateStore`. */
  readonly put = (store: Store): Store => new DiskStore(store, this);
}

class DiskStore implements Store {
  readonly #inner: Store;
  readonly #disk: FailingDisk;

  constructor(inner: Store, disk: FailingDisk) {
    this.#inner = inner;
    this.#disk = disk;
  }

  async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    if (this.#disk.failure !== undefined) {
      this.#disk.refused += 1;
      throw this.#disk.failure;
    }
    await this.#inner.batch(operations, options);
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
