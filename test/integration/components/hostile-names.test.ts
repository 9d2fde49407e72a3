/**
 * Names that carry code. The generator writes core import and export names into its JavaScript as they are;
 * with the screening off, what a name says runs in the thread (the control); with it on, nothing is generated.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { screenJavascript } from '../../../packages/runtime/src/components/screen-javascript.ts';
import { generateScreened, generateUnscreened } from '../../../packages/runtime/src/components/screen.ts';
import { echoNamed, HARMLESS, payloadName } from '../../fixtures/components/named.ts';
import type { Names } from '../../fixtures/components/named.ts';
import { runInThread } from '../../fixtures/components/run.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { javascriptPath } from '../../fixtures/components/transpiled.ts';
import { echoWith, watName } from '../../fixtures/components/wat.ts';

const MEMORY = { memoryBytes: 64 * 65_536 };
const UNSAFE = expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'UNSAFE_NAME' });

describe('a name that carries code', () => {
  it('runs where nothing is screened: the control', async () => {
    await using temporary = await openTemporaryStore({ unsafeSkipScreening: true });
    const { store, directory } = temporary;
    const marker = join(directory, 'marker');
    const name = payloadName(marker);
    const { component } = await store.prepare(await store.put(await echoNamed({ import: name })));
    expect(await readFile(javascriptPath(component), 'utf8')).toContain(name);
    await runInThread(await store.load(component, MEMORY));
    expect(existsSync(marker)).toBe(true);
  });

  it('is refused, and nothing of it was generated or ran', async () => {
    await using temporary = await openTemporaryStore();
    const { store, directory } = temporary;
    const marker = join(directory, 'marker');
    const hash = await store.put(await echoNamed({ import: payloadName(marker) }));
    await expect(store.prepare(hash)).rejects.toEqual(UNSAFE);
    expect(existsSync(join(directory, 'prepared', hash))).toBe(false);
    expect(existsSync(marker)).toBe(false);
  });

  it('is taken when the same component has harmless names: the twin', async () => {
    await using temporary = await openTemporaryStore();
    const { store } = temporary;
    const { component } = await store.prepare(await store.put(await echoNamed({})));
    expect(await readFile(javascriptPath(component), 'utf8')).toContain(HARMLESS.import);
    const answer = await runInThread(await store.load(component, MEMORY));
    expect(answer).toEqual({ reply: Uint8Array.of(1, 2, 3) });
  });

  it('that nobody screened is not taken for screened later', async () => {
    await using unscreened = await openTemporaryStore({ unsafeSkipScreening: true });
    const hash = await unscreened.store.put(await echoNamed({ import: "it's" }));
    await unscreened.store.prepare(hash);
    const { ComponentStore } = await import('../../../packages/runtime/src/components/component-store.ts');
    const screened = await ComponentStore.open(unscreened.directory);
    await expect(screened.prepare(hash)).rejects.toEqual(UNSAFE);
  });
});

describe('each place of a name', () => {
  it.each([
    ['core import', { import: "it's" }],
    ['module of a core import', { module: "it's" }],
    ['core export', { export: "it's" }],
    ['line break', { export: 'a\nb' }],
    ['backslash', { import: 'a\\' }],
    ['backtick', { import: 'a`b' }],
    ['Unicode line separator', { import: 'a\u2028b' }],
  ] satisfies [string, Partial<Names>][])('%s', async (_what, names) => {
    await expect(generateScreened(await echoNamed(names))).rejects.toEqual(UNSAFE);
  });

  it('an export that stands in a core instance only', async () => {
    const inline = (name: string): string => `
      (core module $a (func (export "f")))
      (core instance $of-a (instantiate $a))
      (core instance (export ${watName(name)} (func $of-a "f")))`;
    await expect(generateScreened(await echoWith(inline("it's")))).rejects.toEqual(UNSAFE);
    await expect(generateScreened(await echoWith(inline('it.is')))).resolves.toHaveProperty('files');
  });
});

describe('the second wall', () => {
  it('refuses the generated code by itself, had the names been overlooked', async () => {
    const imports = [{ name: 'plexspaces:actor/host@0.1.0', isInstance: true }];
    const generate = async (names: Partial<Names>): Promise<string> => {
      const { files } = await generateUnscreened(await echoNamed(names));
      return files.javascript ?? '';
    };
    const hostile = await generate({ import: payloadName('/nowhere') });
    expect(() => screenJavascript(hostile, imports)).toThrow(UNSAFE);
    const harmless = await generate({});
    expect(() => screenJavascript(harmless, imports)).not.toThrow();
  });
});
