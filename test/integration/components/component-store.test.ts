/** The store by its contract: content addressing, uploads, caching, mending, limits. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComponentStore } from '../../../packages/runtime/src/components/component-store.ts';
import type { PreparedComponent } from '../../../packages/runtime/src/components/component-store.ts';
import { echoNamed } from '../../fixtures/components/named.ts';
import { runInThread } from '../../fixtures/components/run.ts';
import { expectTranspiled, javascriptPath } from '../../fixtures/components/transpiled.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import type { TemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { echoRenamed, readEcho } from '../../fixtures/components/wat.ts';

const ECHO = readEcho();
const HASH = createHash('sha256').update(ECHO).digest('hex');
const OTHER_HASH = '0'.repeat(64);
const MEMORY = { memoryBytes: 64 * 65_536 };

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < bytes.length; index += size) yield bytes.subarray(index, index + size);
}

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

async function flipByte(path: string, index: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

describe('put', () => {
  it('stores by hash, once, readable by the owner alone', async () => {
    await using temporary = await openTemporaryStore();
    const { store, directory } = temporary;
    expect(await store.has(HASH)).toBe(false);
    expect(await store.put(ECHO, HASH)).toBe(HASH);
    expect(await store.put(ECHO)).toBe(HASH);
    expect(await store.list()).toEqual([HASH]);
    expect(await store.has(HASH)).toBe(true);
    expect((await stat(join(directory, 'modules', `${HASH}.wasm`))).mode & 0o777).toBe(0o600);
  });

  it('names both hashes when they differ, and keeps nothing', async () => {
    await using temporary = await openTemporaryStore();
    const { store } = temporary;
    await expect(store.put(ECHO, OTHER_HASH)).rejects.toEqual(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        reason: 'HASH_MISMATCH',
        message: expect.stringMatching(new RegExp(`${OTHER_HASH}.*${HASH}`)),
      }),
    );
    expect(await store.list()).toEqual([]);
  });

  it('refuses one byte over the limit and takes a component at it', async () => {
    await using tight = await openTemporaryStore({ maxComponentBytes: ECHO.length - 1 });
    await expect(tight.store.put(ECHO)).rejects.toEqual(code('RESOURCE_EXHAUSTED'));
    await using wide = await openTemporaryStore({ maxComponentBytes: ECHO.length });
    expect(await wide.store.put(ECHO)).toBe(HASH);
  });

  it.each(['../../../etc/passwd', 'A'.repeat(64), ''])('refuses %j as a hash', async (hash) => {
    await using temporary = await openTemporaryStore();
    const { store } = temporary;
    for (const attempt of [store.has(hash), store.prepare(hash), store.remove(hash), store.put(ECHO, hash)]) {
      await expect(attempt).rejects.toEqual(code('INVALID_ARGUMENT'));
    }
  });
});

describe('upload', () => {
  it('takes a component in pieces', async () => {
    await using temporary = await openTemporaryStore();
    const { store, directory } = temporary;
    const expected = { hash: HASH, sizeBytes: ECHO.length };
    expect(await store.upload(expected, inChunks(ECHO, 1000))).toBe(HASH);
    expect(await store.has(HASH)).toBe(true);
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
  });

  it.each([
    ['another hash', { hash: OTHER_HASH, sizeBytes: ECHO.length }, 'HASH_MISMATCH'],
    ['too few bytes announced', { hash: HASH, sizeBytes: ECHO.length - 1 }, undefined],
    ['too many bytes announced', { hash: HASH, sizeBytes: ECHO.length + 1 }, undefined],
  ])('refuses %s and keeps nothing', async (_what, expected, reason) => {
    await using temporary = await openTemporaryStore();
    const { store, directory } = temporary;
    await expect(store.upload(expected, inChunks(ECHO, 1000))).rejects.toEqual(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', reason }),
    );
    expect(await store.list()).toEqual([]);
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
  });

  it('reads not one byte of what announces itself as too large', async () => {
    await using temporary = await openTemporaryStore({ maxComponentBytes: 1000 });
    let pulled = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        pulled += 1;
        yield new Uint8Array(100);
      }
    };
    const attempt = temporary.store.upload({ hash: HASH, sizeBytes: 1001 }, endless());
    await expect(attempt).rejects.toEqual(code('RESOURCE_EXHAUSTED'));
    expect(pulled).toBe(0);
    await expect(temporary.store.upload({ hash: HASH, sizeBytes: 1000 }, endless())).rejects.toEqual(
      code('INVALID_ARGUMENT'),
    );
    expect(pulled).toBe(11);
  });

  it('ends with the stream or the caller, and keeps nothing', async () => {
    await using temporary = await openTemporaryStore();
    const { store, directory } = temporary;
    const expected = { hash: HASH, sizeBytes: ECHO.length };
    const controller = new AbortController();
    const abandoned = async function* (): AsyncGenerator<Uint8Array> {
      yield ECHO.subarray(0, 10);
      controller.abort();
      yield ECHO.subarray(10);
    };
    await expect(store.upload(expected, abandoned(), { signal: controller.signal })).rejects.toEqual(code('CANCELLED'));
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield ECHO.subarray(0, 10);
      throw new Error('the connection broke');
    };
    await expect(store.upload(expected, broken())).rejects.toThrow('the connection broke');
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
    expect(await store.list()).toEqual([]);
  });
});

describe('prepare', () => {
  it('transpiles once, however many ask, and never again after a restart', async () => {
    await using temporary = await openTemporaryStore();
    const { store, directory } = temporary;
    await store.put(ECHO);
    const [first, second] = await Promise.all([store.prepare(HASH), store.prepare(HASH)]);
    expect([first.cache, second.cache]).toEqual(['miss', 'miss']);
    expect(await store.prepare(HASH)).toEqual({ component: first.component, cache: 'hit' });
    expect(store.statistics.transpiles).toBe(1);

    const reopened = await ComponentStore.open(directory);
    expect(await reopened.prepare(HASH)).toEqual({ component: first.component, cache: 'hit' });
    expect(reopened.statistics.transpiles).toBe(0);
  });

  it('says NOT_FOUND of what is not there', async () => {
    await using temporary = await openTemporaryStore();
    await expect(temporary.store.prepare(OTHER_HASH)).rejects.toEqual(code('NOT_FOUND'));
  });

  it('can be tried again after it failed', async () => {
    await using temporary = await openTemporaryStore();
    const { store } = temporary;
    await store.put(ECHO);
    const controller = new AbortController();
    const abandoned = store.prepare(HASH, { signal: controller.signal });
    controller.abort();
    await expect(abandoned).rejects.toEqual(code('CANCELLED'));
    expect(await store.prepare(HASH)).toMatchObject({ cache: 'miss' });
  });

  it.each([
    ['time', { transpileMs: 1 }, /longer than its limit of 1 ms/],
    ['resident memory', { transpileResidentBytes: 1024 * 1024 }, /bytes of memory, its limit is 1048576/],
  ])('ends a process that takes too much %s', async (_what, options, message) => {
    await using temporary = await openTemporaryStore(options);
    const { store, directory } = temporary;
    const attempt = store.prepare(await store.put(ECHO));
    await expect(attempt).rejects.toEqual(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', message: expect.stringMatching(message) }),
    );
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
  });

  it('leaves nothing behind of what was refused', async () => {
    await using temporary = await openTemporaryStore();
    const { store, directory } = temporary;
    const hash = await store.put(echoRenamed('shutdown', 'shutdawn'));
    await expect(store.prepare(hash)).rejects.toThrow(/no shutdown/);
    for (const name of ['tmp', 'prepared', 'core']) expect(await readdir(join(directory, name))).toEqual([]);
    expect(await store.has(hash)).toBe(true);
  });
});

describe('a store that holds a prepared component', () => {
  let prepared: TemporaryStore;

  beforeAll(async () => {
    prepared = await openTemporaryStore();
    await prepared.store.prepare(await prepared.store.put(ECHO));
  });

  afterAll(async () => {
    await prepared[Symbol.asyncDispose]();
  });

  /** The same in a directory of its own: tests damage it. */
  async function openCopy(): Promise<TemporaryStore & { component: PreparedComponent }> {
    const copy = await openTemporaryStore({}, prepared.directory);
    const { component } = await copy.store.prepare(HASH);
    return { ...copy, component };
  }

  it('tells what the component imports and exports', async () => {
    await using temporary = await openCopy();
    expect(temporary.component).toMatchObject({
      hash: HASH,
      imports: ['plexspaces:actor/types@0.1.0', 'plexspaces:actor/host@0.1.0'],
      exports: ['plexspaces:actor/actor@0.1.0'],
    });
  });

  it.each([
    ['the JavaScript', (component: PreparedComponent, _directory: string) => javascriptPath(component)],
    ['a core module', (component: PreparedComponent, directory: string) => corePath(component, directory)],
  ])('mends %s when a byte of it is flipped', async (_what, pathOf) => {
    await using temporary = await openCopy();
    const { store, directory, component } = temporary;
    const path = pathOf(component, directory);
    const whole = await readFile(path);
    await flipByte(path, 60);
    expect(await runInThread(await store.load(component, MEMORY))).toEqual({ reply: Uint8Array.of(1, 2, 3) });
    expect(await readFile(path)).toEqual(whole);
    expect(store.statistics.transpiles).toBe(1);
  });

  it('mends a core module that is gone', async () => {
    await using temporary = await openCopy();
    const { store, directory, component } = temporary;
    await rm(corePath(component, directory));
    expect(await store.prepare(HASH)).toEqual({ component, cache: 'miss' });
    await expect(store.load(component, MEMORY)).resolves.toMatchObject({ hash: HASH });
  });

  it('refuses with the file where the component itself is damaged, and takes it anew', async () => {
    await using temporary = await openCopy();
    const { store, directory, component } = temporary;
    const module = join(directory, 'modules', `${HASH}.wasm`);
    await flipByte(module, 60);
    await flipByte(javascriptPath(component), 60);
    await expect(store.load(component, MEMORY)).rejects.toEqual(
      expect.objectContaining({ code: 'DATA_LOSS', message: expect.stringContaining(module) }),
    );
    expect(await store.has(HASH)).toBe(false);
    await store.put(ECHO);
    expect(await store.load(component, MEMORY)).toMatchObject({ hash: HASH });
  });

  it('transpiles again where the record is damaged', async () => {
    await using temporary = await openCopy();
    const { store, directory, component } = temporary;
    await flipByte(join(directory, 'prepared', HASH, 'prepared.json'), 200);
    expect(await store.prepare(HASH)).toEqual({ component, cache: 'miss' });
  });
});

describe('two components with core modules in common', () => {
  let prepared: TemporaryStore;
  let hashes: [string, string];

  beforeAll(async () => {
    prepared = await openTemporaryStore();
    const { store } = prepared;
    hashes = [await store.put(await echoNamed({ import: 'one' })), await store.put(await echoNamed({ import: 'two' }))];
    for (const hash of hashes) await store.prepare(hash);
  });

  afterAll(async () => {
    await prepared[Symbol.asyncDispose]();
  });

  it('are compiled once for each core module and limit', async () => {
    const { store } = prepared;
    const [one, two] = await Promise.all(hashes.map(async (hash) => (await store.prepare(hash)).component));
    if (one === undefined || two === undefined) throw new Error('expected two components');
    const first = expectTranspiled(await store.load(one, MEMORY));
    const again = expectTranspiled(await store.load(one, MEMORY));
    expect(again.modules['component.core.wasm']).toBe(first.modules['component.core.wasm']);
    expect(store.statistics.compilations).toBe(one.coreModules.length);
    await store.load(two, MEMORY);
    expect(store.statistics.compilations).toBe(one.coreModules.length + 1);
    await store.load(one, { memoryBytes: 32 * 65_536 });
    expect(store.statistics.compilations).toBe(2 * one.coreModules.length + 1);
  });

  it('keep what the other one needs when one is removed', async () => {
    await using temporary = await openTemporaryStore({}, prepared.directory);
    const { store, directory } = temporary;
    const [one, two] = hashes;
    const { component } = await store.prepare(two);
    await store.remove(one);
    expect(await store.list()).toEqual([two]);
    await store.load(component, MEMORY);
    expect(store.statistics.transpiles).toBe(0);

    await store.remove(two);
    for (const name of ['modules', 'core', 'prepared']) expect(await readdir(join(directory, name))).toEqual([]);
    await expect(store.remove(two)).resolves.toBeUndefined();
  });
});

describe('open', () => {
  it('clears away what an earlier run left half-done, and leaves the rest', async () => {
    await using temporary = await openTemporaryStore();
    const { store, directory } = temporary;
    await store.put(ECHO);
    await writeFile(join(directory, 'tmp', 'half'), 'x');
    await ComponentStore.open(directory);
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
    expect(await readdir(join(directory, 'modules'))).toEqual([`${HASH}.wasm`]);
  });

  it('takes a path from the working directory, which is not that of the transpiling process', async () => {
    await using temporary = await openTemporaryStore();
    const store = await ComponentStore.open(relative(process.cwd(), temporary.directory));
    const { component } = await store.prepare(await store.put(ECHO));
    expect(isAbsolute(javascriptPath(component))).toBe(true);
    await store.load(component, { memoryBytes: 1_048_576 });
  });

  it('names an option that is out of its range', async () => {
    await using temporary = await openTemporaryStore();
    await expect(ComponentStore.open(temporary.directory, { transpileMs: 0 })).rejects.toThrow(/transpileMs/);
  });
});

function corePath(component: PreparedComponent, directory: string): string {
  return join(directory, 'core', `${component.coreModules[0]?.hash}.wasm`);
}
