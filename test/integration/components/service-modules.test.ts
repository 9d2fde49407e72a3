/** Plain core modules: which are taken for services, and what refuses the others, each beside a twin that is taken. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateScreened } from '../../../packages/runtime/src/components/screen.ts';
import { buildGreeter, GREETER_WASM, okraModule, okraText } from '../../fixtures/components/okra.ts';
import type { OkraParts } from '../../fixtures/components/okra.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { componentFrom } from '../../fixtures/components/wat.ts';

const PAGE_BYTES = 65_536;
const WASI_IMPORT = '(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))';

const DEALLOCATE = '(func $deallocate (export "deallocate") (param $at i32)';

describe('greeter.wasm', () => {
  it('is what its source builds, and is taken', async () => {
    expect(Buffer.from(await buildGreeter()).equals(readFileSync(GREETER_WASM))).toBe(true);
    await expect(generateScreened(readFileSync(GREETER_WASM))).resolves.toMatchObject({
      imports: [],
      exports: ['memory', 'handle_request', 'allocate', 'deallocate'],
      files: { javascript: undefined },
    });
  });
});

describe('what a core module has to export', () => {
  it.each<[what: string, wat: string, message: RegExp]>([
    ['nothing', '(module)', /expected exports of memory, handle_request, allocate, deallocate, found none/],
    ['all but the memory', okraText({ memory: '(memory 1)' }), /expected exports of memory, found none/],
    ['another thing by its name', '(module (global (export "memory") i32 (i32.const 0)))', /exports of memory, /],
    [
      'handle_request of another type',
      '(module (memory (export "memory") 1) (func (export "handle_request") (result i64) (i64.const 0))' +
        '(func (export "allocate") (param i32) (result i32) (i32.const 8)) (func (export "deallocate") (param i32)))',
      /handle_request of type \(i32, i32, i32, i32\) -> \(i64\), found \(\) -> \(i64\)/,
    ],
    ['two memories', okraText({ more: '(memory 1)' }), /expected one memory, found 2/],
    [
      'an _initialize with a parameter',
      okraText({ more: '(func (export "_initialize") (param i32))' }),
      /_initialize of/,
    ],
    ['types that nothing of it needs', okraText({ more: '(type (struct))' }), /types of functions only/],
  ])('%s is not enough', async (_what, wat, message) => {
    await expect(generateScreened(await componentFrom(wat))).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'NOT_A_COMPONENT', message),
    );
  });

  it.each<[what: string, parts: OkraParts]>([
    ['the ABI', {}],
    ['an _initialize', { more: '(func (export "_initialize"))' }],
    ['functions of WASI', { imports: WASI_IMPORT }],
  ])('%s is', async (_what, parts) => {
    await expect(generateScreened(await okraModule(parts))).resolves.toHaveProperty('files');
  });

  it('a deallocate that takes the address alone is one, too', async () => {
    const wat = okraText({}).replace(
      '(func $deallocate (export "deallocate") (param $at i32) (param $length i32)',
      DEALLOCATE,
    );
    await expect(generateScreened(await componentFrom(wat))).resolves.toHaveProperty('files');
  });

  it('bytes that V8 does not take are refused with its words', async () => {
    const bytes = await okraModule({ handle: '(i32.const 0)' });
    await expect(generateScreened(bytes)).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'NOT_A_COMPONENT', /WebAssembly/),
    );
  });
});

describe('what a core module may import', () => {
  it.each<[what: string, imports: string]>([
    ["OKRA's host", '(import "okra" "run_host_api" (func (param i32 i32) (result i64)))'],
    ['a function that WASI does not have', '(import "wasi_snapshot_preview1" "fd_steal" (func))'],
    ['what is no function', '(import "wasi_snapshot_preview1" "fd_write" (global i32))'],
    ['a memory of others', '(import "env" "memory" (memory 1))'],
    ['a table of others', '(import "env" "table" (table 1 funcref))'],
  ])('not %s', async (_what, imports) => {
    await expect(generateScreened(await okraModule({ imports }))).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'FOREIGN_IMPORT', /functions of wasi_snapshot_preview1 only, found/),
    );
  });
});

describe('limits of a core module', () => {
  it.each<[what: string, parts: OkraParts, refused: unknown]>([
    [
      'a shared memory',
      { memory: '(memory (export "memory") 1 2 shared)' },
      refusal('INVALID_ARGUMENT', 'MEMORY_LIMIT', /shared/),
    ],
    [
      'a 64-bit memory',
      { memory: '(memory (export "memory") i64 1)' },
      refusal('INVALID_ARGUMENT', 'MEMORY_LIMIT', /64-bit/),
    ],
    [
      'a table of a million',
      { more: '(table 1000000 funcref)' },
      refusal('RESOURCE_EXHAUSTED', undefined, /table elements/),
    ],
    [
      '33 tables',
      { more: '(table 1 funcref)'.repeat(33) },
      refusal('RESOURCE_EXHAUSTED', undefined, /32 tables, found 33/),
    ],
  ])('%s is refused', async (_what, parts, refused) => {
    await expect(generateScreened(await okraModule(parts))).rejects.toEqual(refused);
  });

  it('its memory gets its maximum when it is loaded, and may not start above it', async () => {
    await using temporary = await openTemporaryStore();
    const { store } = temporary;
    const bytes = await okraModule({ memory: '(memory (export "memory") 4)' });
    const { component } = await store.prepare(await store.put(bytes));
    await expect(store.load(component, { memoryBytes: 3 * PAGE_BYTES })).rejects.toEqual(
      refusal('RESOURCE_EXHAUSTED', 'MEMORY_LIMIT', /starts with/),
    );
    const loaded = await store.load(component, { memoryBytes: 5 * PAGE_BYTES });
    if (loaded.kind !== 'core-module') throw new Error('expected a core module');
    const { memory } = new WebAssembly.Instance(loaded.module).exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new Error('expected a memory');
    expect(memory.grow(1)).toBe(4);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });
});

describe('a stored core module', () => {
  it('is screened once, found again by its hash, and mended when it was damaged', async () => {
    await using temporary = await openTemporaryStore();
    const { store, directory } = temporary;
    const hash = await store.put(readFileSync(GREETER_WASM));
    expect(await store.formOf(hash)).toBe('core module');
    const first = await store.prepare(hash);
    expect(first).toMatchObject({ cache: 'miss', component: { hash, javascript: undefined } });
    expect(await store.prepare(hash)).toEqual({ ...first, cache: 'hit' });
    writeFileSync(join(directory, 'core', `${hash}.wasm`), 'damaged');
    await expect(store.load(first.component, { memoryBytes: PAGE_BYTES })).resolves.toMatchObject({ hash });
    expect(store.statistics.transpiles).toBe(2);
  });
});

function refusal(code: string, reason: string | undefined, message: RegExp): unknown {
  return expect.objectContaining({ code, reason, message: expect.stringMatching(message) });
}
