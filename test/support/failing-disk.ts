/** A disk in a test's hands: every store put on it writes until the disk is full or broken. */
import type { Store, StoreOperation } from '../../packages/runtime/src/store/store.ts';
import { StoreInFront } from './store-in-front.ts';

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

class DiskStore extends StoreInFront {
  readonly #disk: FailingDisk;

  constructor(inner: Store, disk: FailingDisk) {
    super(inner);
    this.#disk = disk;
  }

  override async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    if (this.#disk.failure !== undefined) {
      this.#disk.refused += 1;
      throw this.#disk.failure;
    }
    await super.batch(operations, options);
  }
}
