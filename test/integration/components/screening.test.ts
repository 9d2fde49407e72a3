/** What is refused before anything of it runs, each beside a twin that is taken. */
import { describe, expect, it } from 'vitest';
import { generateScreened } from '../../../packages/runtime/src/components/screen.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { componentFrom, echoRenamed, echoWith, readEcho } from '../../fixtures/components/wat.ts';

function refusal(code: string, reason: string | undefined, message: RegExp): unknown {
  return expect.objectContaining({ code, reason, message: expect.stringMatching(message) });
}

describe('what is no component', () => {
  it.each([
    ['nothing', new Uint8Array(0), /found not WebAssembly \(0 bytes\)/],
    ['garbage', new Uint8Array(Buffer.from('#!/bin/sh\necho hello\n')), /found not WebAssembly/],
    [
      'an empty core module',
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
      /expected exports of memory, handle_request, allocate, deallocate, found none/,
    ],
    ['another version', Uint8Array.of(0, 0x61, 0x73, 0x6d, 9, 0, 1, 0), /found unknown WebAssembly/],
    ['a truncated component', readEcho().subarray(0, 3000), /it ends in the middle/],
    ['a component with a byte changed', changed(readEcho(), 100), /./],
  ])('%s', async (_what, bytes, message) => {
    await expect(generateScreened(bytes)).rejects.toEqual(refusal('INVALID_ARGUMENT', 'NOT_A_COMPONENT', message));
  });

  it('gets one line, no stack trace', async () => {
    await expect(generateScreened(changed(readEcho(), 100))).rejects.toThrow(/^[^\n]*$/);
  });
});

describe('what is no actor', () => {
  it('an empty component', async () => {
    const message = /export of the interface plexspaces:actor\/actor@0\.1\.0, found no exports/;
    await expect(generateScreened(await componentFrom('(component)'))).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'NOT_A_COMPONENT', message),
    );
  });

  it('one of another version, which is named', async () => {
    const bytes = echoRenamed('plexspaces:actor/actor@0.1.0', 'plexspaces:actor/actor@0.9.0');
    await expect(generateScreened(bytes)).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'NOT_A_COMPONENT', /found "plexspaces:actor\/actor@0\.9\.0"/),
    );
  });

  it('one without one of the functions, which is named', async () => {
    const bytes = echoRenamed('handle-message', 'handle-massage');
    await expect(generateScreened(bytes)).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'NOT_A_COMPONENT', /found no handleMessage/),
    );
  });
});

describe('imports', () => {
  it('of the WASI that is linked are taken', async () => {
    const bytes = await echoWith('(import "wasi:cli/environment@0.2.3" (instance))');
    await expect(generateScreened(bytes)).resolves.toHaveProperty('files');
  });

  it.each([
    [
      'an interface that nobody links',
      '(import "wasi:http/outgoing-handler@0.2.0" (instance))',
      /"wasi:http\/outgoing-handler@0\.2\.0"/,
    ],
    ['a later WASI', '(import "wasi:cli/environment@0.3.0" (instance))', /"wasi:cli\/environment@0\.3\.0"/],
    ['a function of the world', '(import "run-it" (func))', /"run-it"/],
  ])('of %s are foreign', async (_what, fragment, message) => {
    await expect(generateScreened(await echoWith(fragment))).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'FOREIGN_IMPORT', message),
    );
  });

  it('of the host in another version are foreign', async () => {
    const bytes = echoRenamed('plexspaces:actor/host@0.1.0', 'plexspaces:actor/host@0.7.0');
    await expect(generateScreened(bytes)).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'FOREIGN_IMPORT', /"plexspaces:actor\/host@0\.7\.0"/),
    );
  });

  it('of a function that the host does not have are foreign', async () => {
    const bytes = echoRenamed('sleep-millis', 'sleep-months');
    await expect(generateScreened(bytes)).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'FOREIGN_IMPORT', /host@0\.1\.0#sleepMonths/),
    );
  });
});

describe('numbers', () => {
  const manyInstances = (count: number): string =>
    `(core module $small)${'(core instance (instantiate $small))'.repeat(count)}`;
  const memories = (count: number): string =>
    `(core module $memory (memory 1))${'(core instance (instantiate $memory))'.repeat(count)}`;

  it('of core instances are bounded, and as many as allowed are taken', async () => {
    await expect(generateScreened(await echoWith(manyInstances(125)))).resolves.toHaveProperty('files');
    await expect(generateScreened(await echoWith(manyInstances(130)))).rejects.toEqual(
      refusal('RESOURCE_EXHAUSTED', undefined, /at most 128 core instances/),
    );
  });

  it('of core instances are bounded also where nesting multiplies them', async () => {
    const nested = `(component $inner ${manyInstances(12)})${'(instance (instantiate $inner))'.repeat(12)}`;
    await expect(generateScreened(await echoWith(nested))).rejects.toEqual(
      refusal('RESOURCE_EXHAUSTED', undefined, /at most 128 core instances/),
    );
  });

  it('of memories are bounded', async () => {
    await expect(generateScreened(await echoWith(memories(3)))).resolves.toHaveProperty('files');
    await expect(generateScreened(await echoWith(memories(4)))).rejects.toEqual(
      refusal('RESOURCE_EXHAUSTED', undefined, /at most 4 memories, found 5/),
    );
  });

  it('of table elements are bounded', async () => {
    const table = (elements: number): string =>
      `(core module $table (table ${elements} funcref))(core instance (instantiate $table))`;
    await expect(generateScreened(await echoWith(table(1_000)))).resolves.toHaveProperty('files');
    await expect(generateScreened(await echoWith(table(5_000_000)))).rejects.toEqual(
      refusal('RESOURCE_EXHAUSTED', undefined, /table elements, found 5000000/),
    );
  });
});

describe('memories', () => {
  it.each([
    ['shared', '(memory 1 2 shared)'],
    ['64-bit', '(memory i64 1)'],
  ])('that are %s are refused', async (_what, memory) => {
    const bytes = await echoWith(`(core module $odd ${memory})(core instance (instantiate $odd))`);
    await expect(generateScreened(bytes)).rejects.toEqual(
      refusal('INVALID_ARGUMENT', 'MEMORY_LIMIT', /plain 32-bit memories/),
    );
  });

  it('that start above the limit are refused when loaded', async () => {
    await using temporary = await openTemporaryStore();
    const { store } = temporary;
    const bytes = await echoWith('(core module $big (memory 100))(core instance (instantiate $big))');
    const { component } = await store.prepare(await store.put(bytes));
    await expect(store.load(component, { memoryBytes: 99 * 65_536 })).rejects.toEqual(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', reason: 'MEMORY_LIMIT' }),
    );
    await expect(store.load(component, { memoryBytes: 100 * 65_536 })).resolves.toMatchObject({ hash: component.hash });
  });
});

function changed(bytes: Uint8Array, index: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}
