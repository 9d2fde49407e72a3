/** The messages in quarantine, each with what it had done. Writes nothing by itself. */
import type { ActorAddress } from '@plexspaces/core';
import { QuarantineRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { parseActorKey, quarantineBehind, quarantineKey } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

export interface QuarantinePlace {
  readonly key: string;
  /** The message's number. */
  readonly sequence: bigint;
}

export interface QuarantinedMessage {
  readonly actor: ActorAddress;
  readonly record: QuarantineRecord;
}

export class QuarantineRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  put(actor: ActorAddress, record: QuarantineRecord): StoreOperation {
    const value = frameMessage(QuarantineRecord, record);
    return { type: 'put', key: quarantineKey(actor, record.sequence), value };
  }

  delete(actor: ActorAddress, sequence: bigint): StoreOperation {
    return { type: 'del', key: quarantineKey(actor, sequence) };
  }

  /** @throws DATA_LOSS where it is damaged. */
  async get(actor: ActorAddress, sequence: bigint): Promise<QuarantineRecord | undefined> {
    const key = quarantineKey(actor, sequence);
    const value = await this.#store.get(key);
    return value === undefined ? undefined : QuarantineRecord.decode(unframe(key, value));
  }

  /** Whether it is there, damaged or not. */
  async has(actor: ActorAddress, sequence: bigint): Promise<boolean> {
    return (await this.#store.get(quarantineKey(actor, sequence))) !== undefined;
  }

  /** Of a service's actors, by key and number, one at a time. @throws DATA_LOSS at a damaged one. */
  async *list(service: string, after?: QuarantinePlace): AsyncGenerator<QuarantinedMessage> {
    for await (const [key, value] of this.#store.range(quarantineBehind(service, after))) {
      const record = QuarantineRecord.decode(unframe(key, value));
      yield { actor: { service, key: parseActorKey(key) }, record };
    }
  }
}
