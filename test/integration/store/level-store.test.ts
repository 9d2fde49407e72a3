import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LevelStore } from '../../../packages/runtime/src/store/level-store.ts';
import { describeStore } from '../../support/store-conformance.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';

const BYTE = Uint8Array.of(1);

let temporary: TemporaryDirectory;
let opened = 0;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
});

afterAll(async () => {
  await temporary[Symbol.asyncDispose]();
});

describeStore('LevelStore', () => LevelStore.open(nextDirectory()));

describe('LevelStore on its directory', () => {
  it('has one owner; the next finds what the last one left', async () => {
    const directory = nextDirectory();
    const first = await LevelStore.open(directory);
    await first.batch([{ type: 'put', key: 'a', value: Uint8Array.of(1) }], { sync: true });
    await expect(LevelStore.open(directory)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'DATA_DIRECTORY_IN_USE',
      message: `${directory} is in use by another process`,
    });
    await first.close();
    const second = await LevelStore.open(directory);
    expect([...((await second.get('a')) ?? [])]).toEqual([1]);
    await second.close();
  });

  it('is known to be owned while it is, and asking does not open it', async () => {
    const directory = nextDirectory();
    const first = await LevelStore.open(directory);
    expect(await LevelStore.isOwned(directory)).toBe(true);
    await first.close();
    expect(await LevelStore.isOwned(directory)).toBe(false);
    expect(await LevelStore.isOwned(directory)).toBe(false);
    expect(await LevelStore.isOwned(nextDirectory())).toBe(false);
  });

  it('is not begun anew where there must be one', async () => {
    const directory = nextDirectory();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(LevelStore.open(directory, { createIfMissing: false })).rejects.toMatchObject({
        code: 'DATA_LOSS',
        message: `${directory}: expected a database, found none`,
      });
    }
  });

  it('finds after any reopenings what was written before them', async () => {
    const directory = nextDirectory();
    for (let opening = 0; opening < 5; opening += 1) {
      const store = await LevelStore.open(directory);
      const keys = await Array.fromAsync(store.range({ from: 'k', to: 'l' }), ([key]) => key);
      expect(keys).toEqual(Array.from({ length: opening }, (_none, before) => `k${before}`));
      await store.batch([{ type: 'put', key: `k${opening}`, value: new Uint8Array(100_000) }], {
        sync: opening % 2 === 0,
      });
      await store.close();
    }
  });

  it('does not hold up those who read on when it is closed', async () => {
    const store = await LevelStore.open(nextDirectory());
    const operations = Array.from(
      { length: 5000 },
      (_none, index) => ({ type: 'put', key: `${index}`, value: BYTE }) as const,
    );
    await store.batch(operations, { sync: false });
    const reading = store.range({ from: '', to: 'z' });
    await reading.next();
    await store.close();
    const rest = Array.fromAsync(reading);
    await expect(rest).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/closed/) });
  });

  it('says what keeps it from opening', async () => {
    const file = nextDirectory();
    await writeFile(file, 'not a directory');
    await expect(LevelStore.open(file)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`cannot open the database in ${file}: `),
    });
  });
});

function nextDirectory(): string {
  opened += 1;
  return join(temporary.path, `db-${opened}`);
}
