/** A store that writes nothing of what durable actors keep: journals, snapshots, idempotency records, attempts. A control. */
import type { StoreOperation } from '../../packages/runtime/src/store/store.ts';
import { StoreInFront } from './store-in-front.ts';

const FORGOTTEN = ['j/', 's/', 'i/', 'u/'];

export class ForgetfulStore extends StoreInFront {
  override async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    const kept = operations.filter(({ key }) => !FORGOTTEN.some((prefix) => key.startsWith(prefix)));
    await super.batch(kept, options);
  }
}
