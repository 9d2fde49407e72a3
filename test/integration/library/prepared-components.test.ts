/** Where components are prepared: once for each directory, and in a temporary one that goes. */
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ComponentStore } from '../../../packages/runtime/src/components/component-store.ts';
import { holdComponents } from '../../../packages/runtime/src/library/prepared-components.ts';
import { WASMActor } from '@plexspaces/runtime';
import { expectTranspiled } from '../../fixtures/components/transpiled.ts';
import { ECHO_WASM, readEcho } from '../../fixtures/components/wat.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';

const MEMORY = { memoryBytes: 1_048_576 };

describe('the temporary directory', () => {
  it('is one for all, and goes with the last of them', async () => {
    const [first, second] = await Promise.all([holdComponents(), holdComponents()]);
    const directory = dirname(first.compileCacheDirectory);
    expect(dirname(second.compileCacheDirectory)).toBe(directory);
    const loaded = await Promise.all([first.load(readEcho(), MEMORY), second.load(ECHO_WASM, MEMORY)]);
    const [ofFirst, ofSecond] = loaded.map((each) => expectTranspiled(each).javascriptUrl);
    expect(ofFirst).toBe(ofSecond);
    await first[Symbol.asyncDispose]();
    expect(await isThere(directory)).toBe(true);
    await second[Symbol.asyncDispose]();
    expect(await isThere(directory)).toBe(false);
    await using third = await holdComponents();
    expect(dirname(third.compileCacheDirectory)).not.toBe(directory);
  });

  it('goes where the component or its first instance is refused', async () => {
    const watcher = await holdComponents();
    const directory = dirname(watcher.compileCacheDirectory);
    const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    await expect(WASMActor.start(module)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'NOT_A_COMPONENT',
    });
    await expect(WASMActor.start('no/such.wasm')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await watcher[Symbol.asyncDispose]();
    expect(await isThere(directory)).toBe(false);
  });
});

describe('a directory that is named', () => {
  it('stays, and another process finds there what was made', async () => {
    const cacheDirectory = await makeScratchDirectory();
    await using first = await WASMActor.start(readEcho(), { cacheDirectory });
    await expect(first.invoke('echo', [1])).resolves.toEqual([1]);
    const other = await ComponentStore.open(cacheDirectory, { isShared: true });
    const [hash = ''] = await other.list();
    await expect(other.prepare(hash)).resolves.toMatchObject({ cache: 'hit' });
    expect(other.statistics.transpiles).toBe(0);
    await first.shutdown();
    expect(await isThere(cacheDirectory)).toBe(true);
  });

  it('keeps what another process has in the making; what is old goes, and alone everything goes', async () => {
    const cacheDirectory = await makeScratchDirectory();
    const temporary = join(cacheDirectory, 'tmp');
    await mkdir(temporary, { recursive: true });
    for (const name of ['young', 'old']) await writeFile(join(temporary, name), name);
    const yesterday = new Date(Date.now() - 86_400_000);
    await utimes(join(temporary, 'old'), yesterday, yesterday);
    await using held = await holdComponents(cacheDirectory);
    expect(held.compileCacheDirectory).toBe(join(cacheDirectory, 'compiled'));
    expect(await readdir(temporary)).toEqual(['young']);
    await ComponentStore.open(cacheDirectory);
    expect(await readdir(temporary)).toEqual([]);
  });
});

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
