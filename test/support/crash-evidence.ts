/** What a crash left of a message whose payload is its idempotency key, read from a copy of the data directory: opening LevelDB changes its files. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActorAddress } from '@plexspaces/core';
import { IdempotencyRecords } from '../../packages/runtime/src/store/idempotency-records.ts';
import { LevelStore } from '../../packages/runtime/src/store/level-store.ts';
import { readJournal } from './journal-edits.ts';

const EFFECT = 'tuplespace-write';

/** How far the journal of a message goes. */
export type Recorded = 'nothing' | 'received' | 'first effect' | 'second effect' | 'end';

export interface RecordedMessage {
  readonly actor: ActorAddress;
  readonly payload: string;
}

/** Of each message, while no process owns the directory. */
export async function recordedOf(
  dataDirectory: string,
  messages: readonly RecordedMessage[],
): Promise<readonly Recorded[]> {
  const copy = await mkdtemp(join(tmpdir(), 'plexspaces-crash-'));
  await cp(join(dataDirectory, 'db'), copy, { recursive: true });
  const store = await LevelStore.open(copy);
  try {
    const found: Recorded[] = [];
    for (const message of messages) found.push(await recorded(store, message));
    return found;
  } finally {
    await store.close();
    await rm(copy, { recursive: true });
  }
}

async function recorded(store: LevelStore, { actor, payload }: RecordedMessage): Promise<Recorded> {
  // A checkpoint may have cut the journal of a message that has ended.
  if ((await new IdempotencyRecords(store).get(actor, payload)) !== undefined) return 'end';
  const records = (await readJournal(store, actor)).map(({ record }) => record);
  const received = records.findLast(
    ({ body }) => body?.$case === 'received' && Buffer.from(body.value.payload).toString() === payload,
  );
  if (received === undefined) return 'nothing';
  const steps = records.filter(({ sequence }) => sequence === received.sequence).map(({ body }) => body);
  const effects = steps.filter((step) => step?.$case === 'hostCall' && step.value.function === EFFECT).length;
  if (steps.at(-1)?.$case === 'processed') return 'end';
  return effects === 0 ? 'received' : effects === 1 ? 'first effect' : 'second effect';
}
