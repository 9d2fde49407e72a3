/** A store that tells of the first batch, once it is written, that puts something under a key that begins as told. */
import type { Store, StoreOperation } from '../../packages/runtime/src/store/store.ts';
import { StoreInFront } from './store-in-front.ts';

export class FatalStore extends StoreInFront {
  readonly #prefix: string;
  readonly #onWritten: () => void;

  constructor(inner: Store, prefix: string, onWritten: () => void) {
    super(inner);
    this.#prefix = prefix;
    this.#onWritten = onWritten;
  }

  override async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    await super.batch(operations, options);
    if (operations.some(({ type, key }) => type === 'put' && key.startsWith(this.#prefix))) this.#onWritten();
  }
}
