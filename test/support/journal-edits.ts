/** Hands on a journal: what a crash left out, what replay must notice. */
import type { ActorAddress } from '@plexspaces/core';
import { JournalRecord } from '@plexspaces/proto';
import type { Received } from '@plexspaces/proto';
import { frameMessage, unframe } from '../../packages/runtime/src/store/checksum.ts';
import { Journal } from '../../packages/runtime/src/store/journal.ts';
import type { JournalEntry } from '../../packages/runtime/src/store/journal.ts';
import { journalKey } from '../../packages/runtime/src/store/key-layout.ts';
import type { Store } from '../../packages/runtime/src/store/store.ts';

export interface EditableEntry {
  /** Of what is stored, which may hold the entry before it as well. */
  readonly key: string;
  readonly record: JournalEntry;
}

/** All records of an actor, oldest first. */
export async function readJournal(store: Store, actor: ActorAddress): Promise<EditableEntry[]> {
  const records = await Array.fromAsync(new Journal(store, 0n).records(actor));
  return Promise.all(
    records.map(async (record) => {
      const { sequence, index } = record;
      const own = journalKey(actor, sequence, index);
      const isOwn = (await store.get(own)) !== undefined;
      return { key: isOwn ? own : journalKey(actor, sequence, index - 1), record };
    }),
  );
}

/** Removes the last record, which must be of that kind: a crash before it was written. */
export async function forgetLast(store: Store, actor: ActorAddress, kind: string): Promise<void> {
  const [before, last] = (await readJournal(store, actor)).slice(-2);
  if (last?.record.body?.$case !== kind) throw new Error(`expected ${kind} last, found ${last?.record.body?.$case}`);
  if (before?.key === last.key) await put(store, before.key, before.record);
  else await store.batch([{ type: 'del', key: last.key }], { sync: true });
}

/** Changes what a host call of that message is recorded to have been asked. */
export async function tamperDigest(store: Store, actor: ActorAddress, sequence: bigint): Promise<void> {
  const entries = await readJournal(store, actor);
  const found = entries.find(({ record }) => record.sequence === sequence && record.body?.$case === 'hostCall');
  if (found?.record.body?.$case !== 'hostCall') throw new Error(`message ${sequence} has no host call`);
  const { value } = found.record.body;
  const argumentsDigest = value.argumentsDigest.map((byte) => byte ^ 1);
  await put(store, found.key, { ...found.record, body: { $case: 'hostCall', value: { ...value, argumentsDigest } } });
}

/** Changes what a message is recorded to have been; how it ended stays. */
export async function changeReceived(
  store: Store,
  key: string,
  change: (received: Received) => Received,
): Promise<void> {
  const value = await store.get(key);
  const record = value && JournalRecord.decode(unframe(key, value));
  if (record?.body?.$case !== 'received') throw new Error(`${key}: expected a received record`);
  const body = { $case: 'received', value: change(record.body.value) } as const;
  await store.batch([{ type: 'put', key, value: frameMessage(JournalRecord, { ...record, body }) }], { sync: true });
}

async function put(store: Store, key: string, entry: JournalEntry): Promise<void> {
  const value = frameMessage(JournalRecord, { ...entry, end: undefined });
  await store.batch([{ type: 'put', key, value }], { sync: true });
}
