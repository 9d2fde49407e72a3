/** The messages that wait for durable actors, in the order in which they were sent. Writes nothing by itself. */
import type { ActorAddress } from '@plexspaces/core';
import { InboxRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { ALL_INBOXES, inboxKey, parseActor, parseSequence } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

export interface StoredInboxMessage {
  readonly actor: ActorAddress;
  readonly number: bigint;
  readonly record: InboxRecord;
}

export function putInboxMessage({ actor, number, record }: StoredInboxMessage): StoreOperation {
  return { type: 'put', key: inboxKey(actor, number), value: frameMessage(InboxRecord, record) };
}

export function deleteInboxMessage({ actor, number }: Pick<StoredInboxMessage, 'actor' | 'number'>): StoreOperation {
  return { type: 'del', key: inboxKey(actor, number) };
}

/** By actor, and within it the oldest first. @throws DATA_LOSS at a damaged record. */
export async function* loadInboxMessages(store: Store): AsyncGenerator<StoredInboxMessage> {
  for await (const [key, value] of store.range(ALL_INBOXES)) {
    const record = InboxRecord.decode(unframe(key, value));
    yield { actor: parseActor(key), number: parseSequence(key), record };
  }
}
