/** What became of messages with an idempotency key, kept until it expires. Writes nothing by itself. */
import type { ActorAddress } from '@plexspaces/core';
import { IdempotencyRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { findExpired } from './expired-records.ts';
import type { ExpiredRecords } from './expired-records.ts';
import { ALL_IDEMPOTENCY_KEYS, idempotencyKey } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

export class IdempotencyRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  put(actor: ActorAddress, record: IdempotencyRecord): StoreOperation {
    const value = frameMessage(IdempotencyRecord, record);
    return { type: 'put', key: idempotencyKey(actor, record.key), value };
  }

  delete(actor: ActorAddress, key: string): StoreOperation {
    return { type: 'del', key: idempotencyKey(actor, key) };
  }

  /** What is in the store, expired or not. @throws DATA_LOSS at a damaged record. */
  async get(actor: ActorAddress, key: string): Promise<IdempotencyRecord | undefined> {
    const storeKey = idempotencyKey(actor, key);
    const value = await this.#store.get(storeKey);
    return value === undefined ? undefined : IdempotencyRecord.decode(unframe(storeKey, value));
  }

  /** The operations that remove at most `limit` of those that have expired. Damaged ones stay, and are told. */
  expired(now: Date, limit: number): Promise<ExpiredRecords> {
    return findExpired(this.#store, ALL_IDEMPOTENCY_KEYS, (bytes) => IdempotencyRecord.decode(bytes), { now, limit });
  }
}
