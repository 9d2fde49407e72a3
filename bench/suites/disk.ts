/** What the disk and LevelDB give by themselves: the limits beside which the node's figures stand. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { measure } from '../support/figures.ts';
import type { Case } from '../support/figures.ts';
import { Records } from '../support/records.ts';
import { microsEach, perSecond, repeat } from '../support/repeat.ts';
import type { Bench, SuiteResult } from '../support/suite.ts';

type Database = Level<string, Uint8Array>;

export const SYNCED_PUT = 'LevelDB, one synced put after the other';

const APPENDED_BYTES = 150;
const BATCHES = [64, 128];
const MAIN_THREAD_BATCH = 128;

export async function disk(bench: Bench): Promise<SuiteResult> {
  await using database = await openDatabase(bench.directory);
  const cases = [
    appendCase(bench),
    syncedPutCase(database, bench.durationMs),
    ...BATCHES.map((size) => syncedBatchCase(database, size, bench.durationMs)),
    mainThreadCase(database, 'one array', arrayBatch, bench.durationMs),
    mainThreadCase(database, 'put by put', chainedBatch, bench.durationMs),
  ];
  return { figures: await measure(cases, bench) };
}

/** As LevelStore opens it. */
export async function openDatabase(directory: string): Promise<Database> {
  const database: Database = new Level(join(directory, 'raw'), { keyEncoding: 'utf8', valueEncoding: 'view' });
  await database.open();
  return database;
}

/** One caller that waits for each of its puts: what a store without group commit would do. */
export function syncedPutCase(database: Database, durationMs: number): Case {
  const records = new Records();
  return {
    name: SYNCED_PUT,
    unit: 'per second',
    run: async () => {
      const put = async (): Promise<void> => {
        const { key, value } = records.received();
        await database.put(key, value, { sync: true });
      };
      return { value: perSecond(await repeat(durationMs, put)) };
    },
  };
}

function appendCase({ directory, durationMs }: Bench): Case {
  const bytes = new Uint8Array(APPENDED_BYTES).fill(1);
  return {
    name: `append ${APPENDED_BYTES} bytes and fdatasync`,
    unit: 'per second',
    run: async () => {
      await using file = await open(join(directory, 'appended'), 'a');
      const append = async (): Promise<void> => {
        await file.write(bytes);
        await file.datasync();
      };
      return { value: perSecond(await repeat(durationMs, append)) };
    },
  };
}

function syncedBatchCase(database: Database, size: number, durationMs: number): Case {
  const records = new Records();
  return {
    name: `LevelDB, synced batches of ${size} puts`,
    unit: 'puts per second',
    run: async () => {
      const write = (): Promise<void> => database.batch(records.batch(size), { sync: true });
      const repeated = await repeat(durationMs, write);
      return { value: perSecond(repeated) * size, details: { batchMs: repeated.elapsedMs / repeated.count } };
    },
  };
}

type StartBatch = (database: Database, operations: ReturnType<Records['batch']>) => Promise<void>;

/** Until the call returns: the rest happens on another thread, and this part bounds what the node can write. */
function mainThreadCase(database: Database, form: string, start: StartBatch, durationMs: number): Case {
  const records = new Records();
  return {
    name: `LevelDB, main thread's part of a batch of ${MAIN_THREAD_BATCH}, ${form}`,
    unit: 'µs a put',
    run: async () => {
      let spentMs = 0;
      const write = async (): Promise<void> => {
        const operations = records.batch(MAIN_THREAD_BATCH);
        const startedAt = performance.now();
        const written = start(database, operations);
        spentMs += performance.now() - startedAt;
        await written;
      };
      const { count } = await repeat(durationMs, write);
      return { value: microsEach({ count: count * MAIN_THREAD_BATCH, elapsedMs: spentMs }) };
    },
  };
}

function arrayBatch(database: Database, operations: ReturnType<Records['batch']>): Promise<void> {
  return database.batch(operations, { sync: false });
}

function chainedBatch(database: Database, operations: ReturnType<Records['batch']>): Promise<void> {
  const batch = database.batch();
  for (const { key, value } of operations) batch.put(key, value);
  return batch.write({ sync: false });
}
