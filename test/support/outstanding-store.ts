/** A store that knows how many messages of inboxes were ever outstanding at once: records written and not yet removed. */
import type { StoreOperation } from '../../packages/runtime/src/store/store.ts';
import { StoreInFront } from './store-in-front.ts';

const INBOX = 'x/';

export class OutstandingStore extends StoreInFront {
  readonly #outstanding = new Set<string>();
  most = 0;

  override async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    for (const { type, key } of operations) {
      if (!key.startsWith(INBOX)) continue;
      if (type === 'put') this.#outstanding.add(key);
      else this.#outstanding.delete(key);
      this.most = Math.max(this.most, this.#outstanding.size);
    }
    await super.batch(operations, options);
  }
}
