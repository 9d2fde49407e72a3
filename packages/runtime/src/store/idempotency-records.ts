/** What became of messages with an idempotency key, kept until it expires. Writes nothing by itself. */
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { IdempotencyRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { ALL_IDEMPOTENCY_KEYS, idempotencyKey } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

export interface ExpiredRecords {
  readonly operations: readonly StoreOperation[];
  readonly damaged: readonly PlexSpacesError[];
}

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
  async expired(now: Date, limit: number): Promise<ExpiredRecords> {
    const operations: StoreOperation[] = [];
    const damaged: PlexSpacesError[] = [];
    for await (const [key, value] of this.#store.range(ALL_IDEMPOTENCY_KEYS)) {
      try {
        if (hasExpired(IdempotencyRecord.decode(unframe(key, value)), now)) operations.push({ type: 'del', key });
      } catch (thrown) {
        damaged.push(PlexSpacesError.from(thrown));
      }
      if (operations.length + damaged.length >= limit) break;
    }
    return { operations, damaged };
  }
}

export function hasExpired(record: IdempotencyRecord, now: Date): boolean {
  return record.expiresAt !== undefined && record.expiresAt <= now;
}
