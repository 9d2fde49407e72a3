/** The data directory: who owns it, its format, its epoch. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frame } from '../../../packages/runtime/src/store/checksum.ts';
import { openDataDirectory } from '../../../packages/runtime/src/store/data-directory.ts';
import { EPOCH_KEY, FORMAT_KEY } from '../../../packages/runtime/src/store/key-layout.ts';
import { LevelStore } from '../../../packages/runtime/src/store/level-store.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';

let temporary: TemporaryDirectory;
let made = 0;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
});

afterAll(async () => {
  await temporary[Symbol.asyncDispose]();
});

describe('a data directory', () => {
  it('is made where it is missing, for its owner alone', async () => {
    const directory = join(nextDirectory(), 'deeper');
    await openAndClose(directory);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it('is closed to others even where it was open to them', async () => {
    const directory = nextDirectory();
    await mkdir(directory, { mode: 0o755 });
    await openAndClose(directory);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it('begins a new epoch at each start', async () => {
    const directory = nextDirectory();
    const epochs = [await openAndClose(directory), await openAndClose(directory), await openAndClose(directory)];
    expect(epochs).toEqual([1n, 2n, 3n]);
  });

  it('has one owner', async () => {
    const directory = nextDirectory();
    const first = await openDataDirectory(directory);
    await expect(openDataDirectory(directory)).rejects.toMatchObject({ reason: 'DATA_DIRECTORY_IN_USE' });
    await first[Symbol.asyncDispose]();
    expect(await openAndClose(directory)).toBe(2n);
  });

  it('of an older format is gone on with as one of this', async () => {
    const directory = nextDirectory();
    await openAndClose(directory);
    await edit(directory, FORMAT_KEY, frame(Buffer.from('1')));
    expect(await openAndClose(directory)).toBe(2n);
    const store = await LevelStore.open(join(directory, 'db'));
    expect([...((await store.get(FORMAT_KEY)) ?? [])]).toEqual([...frame(Buffer.from('2'))]);
    await store.close();
  });

  it.each([
    [
      'another format',
      FORMAT_KEY,
      frame(Buffer.from('3')),
      'FAILED_PRECONDITION',
      /^data format: expected at most 2, found 3$/,
    ],
    [
      'a damaged record',
      EPOCH_KEY,
      Uint8Array.of(0, 0, 0, 0, 49),
      'DATA_LOSS',
      /"m\/epoch": the checksum does not fit/,
    ],
  ] as const)('of %s is refused, changed in nothing and left closed', async (_what, key, value, code, message) => {
    const directory = nextDirectory();
    await openAndClose(directory);
    await edit(directory, key, value);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(openDataDirectory(directory)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    }
    const store = await LevelStore.open(join(directory, 'db'));
    expect([...((await store.get(key)) ?? [])]).toEqual([...value]);
    await store.close();
  });

  it('that is a file is refused by name', async () => {
    const path = nextDirectory();
    await writeFile(path, '');
    await expect(openDataDirectory(path)).rejects.toMatchObject({ message: expect.stringContaining(path) });
  });
});

function nextDirectory(): string {
  made += 1;
  return join(temporary.path, `data-${made}`);
}

async function openAndClose(directory: string): Promise<bigint> {
  await using opened = await openDataDirectory(directory);
  return opened.epoch;
}

async function edit(directory: string, key: string, value: Uint8Array): Promise<void> {
  const store = await LevelStore.open(join(directory, 'db'));
  await store.batch([{ type: 'put', key, value }], { sync: true });
  await store.close();
}
