/** Hands on a journal: what a crash left out, what replay must notice. */
import type { ActorAddress } from '@plexspaces/core';
import { JournalRecord } from '@plexspaces/proto';
import { frame, unframe } from '../../packages/runtime/src/store/checksum.ts';
import { actorJournal } from '../../packages/runtime/src/store/key-layout.ts';
import type { Store } from '../../packages/runtime/src/store/store.ts';

export interface JournalEntry {
  readonly key: string;
  readonly record: JournalRecord;
}

/** All records of an actor, oldest first. */
export function readJournal(store: Store, actor: ActorAddress): Promise<JournalEntry[]> {
  return Array.fromAsync(store.range(actorJournal(actor, 0n)), ([key, value]) => ({
    key,
    record: JournalRecord.decode(unframe(key, value)),
  }));
}

/** Removes the last record, which must be of that kind: a crash before it was written. */
export async function forgetLast(store: Store, actor: ActorAddress, kind: string): Promise<void> {
  const last = (await readJournal(store, actor)).at(-1);
  if (last?.record.body?.$case !== kind) throw new Error(`expected ${kind} last, found ${last?.record.body?.$case}`);
  await store.batch([{ type: 'del', key: last.key }], { sync: true });
}

/** Changes what a host call of that message is recorded to have been asked. */
export async function tamperDigest(store: Store, actor: ActorAddress, sequence: bigint): Promise<void> {
  const entries = await readJournal(store, actor);
  const found = entries.find(({ record }) => record.sequence === sequence && record.body?.$case === 'hostCall');
  if (found?.record.body?.$case !== 'hostCall') throw new Error(`message ${sequence} has no host call`);
  const { value } = found.record.body;
  const argumentsDigest = value.argumentsDigest.map((byte) => byte ^ 1);
  const record = { ...found.record, body: { $case: 'hostCall', value: { ...value, argumentsDigest } } } as const;
  await store.batch([{ type: 'put', key: found.key, value: frame(JournalRecord.encode(record).finish()) }], {
    sync: true,
  });
}
