import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LevelStore } from '../../../packages/runtime/src/store/level-store.ts';
import { describeStore } from '../../support/store-conformance.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';

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
