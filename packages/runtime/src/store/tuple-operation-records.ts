/** What became of clients' tuple operations with an idempotency key, kept until it expires. Writes nothing by itself. */
import { TupleOperationRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { findExpired } from './expired-records.ts';
import type { ExpiredRecords } from './expired-records.ts';
import { ALL_TUPLE_OPERATIONS, tupleOperationKey } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

export class TupleOperationRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  put(space: string, record: TupleOperationRecord): StoreOperation {
    const value = frameMessage(TupleOperationRecord, record);
    return { type: 'put', key: tupleOperationKey(space, record.key), value };
  }

  /** What is in the store, expired or not. @throws DATA_LOSS at a damaged record. */
  async get(space: string, key: string): Promise<TupleOperationRecord | undefined> {
    const storeKey = tupleOperationKey(space, key);
    const value = await this.#store.get(storeKey);
    return value === undefined ? undefined : TupleOperationRecord.decode(unframe(storeKey, value));
  }

  /** The operations that remove at most `limit` of those that have expired. Damaged ones stay, and are told. */
  expired(now: Date, limit: number): Promise<ExpiredRecords> {
    const decode = (bytes: Uint8Array): TupleOperationRecord => TupleOperationRecord.decode(bytes);
    return findExpired(this.#store, ALL_TUPLE_OPERATIONS, decode, { now, limit });
  }
}
