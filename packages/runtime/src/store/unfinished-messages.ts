/**
 * The index of messages that have begun to have effects and have not ended: after a crash it says which actors
 * have something to finish, without reading their journals. Writes nothing by itself.
 */
import type { ActorAddress } from '@plexspaces/core';
import { UnfinishedRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { parseUnfinishedKey, serviceUnfinished, unfinishedKey } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

export class UnfinishedMessages {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  put(actor: ActorAddress, record: UnfinishedRecord): StoreOperation {
    return { type: 'put', key: unfinishedKey(actor), value: frameMessage(UnfinishedRecord, record) };
  }

  delete(actor: ActorAddress): StoreOperation {
    return { type: 'del', key: unfinishedKey(actor) };
  }

  /** @throws DATA_LOSS where it is damaged. */
  async get(actor: ActorAddress): Promise<UnfinishedRecord | undefined> {
    const key = unfinishedKey(actor);
    const value = await this.#store.get(key);
    return value === undefined ? undefined : UnfinishedRecord.decode(unframe(key, value));
  }

  /** The keys of a service's actors that have one. */
  async *keys(service: string): AsyncGenerator<string> {
    for await (const key of this.#store.keys(serviceUnfinished(service))) yield parseUnfinishedKey(key);
  }
}
