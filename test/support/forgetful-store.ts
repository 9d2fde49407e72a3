/** A store that writes nothing under keys that begin as told. A control. */
import type { Store, StoreOperation } from '../../packages/runtime/src/store/store.ts';
import { StoreInFront } from './store-in-front.ts';

export class ForgetfulStore extends StoreInFront {
  readonly #forgotten: readonly string[];

  constructor(inner: Store, forgotten: readonly string[]) {
    super(inner);
    this.#forgotten = forgotten;
  }

  override async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    const kept = operations.filter(({ key }) => !this.#forgotten.some((prefix) => key.startsWith(prefix)));
    await super.batch(kept, options);
  }
}
