/** Building TypeScript with the real compilers: what goes in, what is refused and in whose words. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildComponent } from '../../../packages/cli/src/build/build.ts';
import type { BuildOptions, BuildResult } from '../../../packages/cli/src/build/build.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';

const BUILD_TIMEOUT_MS = 60_000;
const ENDLESS_MS = 3_000;
const ACTOR = `import { defineActor } from '@plexspaces/actor';
import { answer } from './parts/answer.ts';
export const actor = defineActor({ handlers: { answer: () => answer } });
`;

let directory = '';

beforeAll(async () => {
  directory = await makeScratchDirectory();
  await mkdir(join(directory, 'parts'));
  await write('parts/answer.ts', 'export const answer: number = 42;\n');
  await write('actor.ts', ACTOR);
});

const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);
const build = (name: string, options: BuildOptions = {}): Promise<BuildResult> =>
  buildComponent(join(directory, name), options);

describe('a module of an author', { timeout: BUILD_TIMEOUT_MS }, () => {
  it('becomes a component, once', async () => {
    const built = await build('actor.ts');
    expect(built).toMatchObject({ language: 'typescript', path: join(directory, 'dist', 'actor.wasm'), cached: false });
    expect(built.bytes).toBeLessThan(2_000_000);
    expect(built.exports).toContain('plexspaces:actor/actor@0.1.0');
    expect(built.imports).toContain('plexspaces:actor/host@0.1.0');
    await write('parts/answer.ts', 'export const answer: number = 42; // a comment\n');
    await write('parts/unused.ts', 'export {};\n');
    expect(await build('actor.ts')).toMatchObject({ hash: built.hash, cached: true });
    await write('parts/answer.ts', 'export const answer: number = 43;\n');
    const again = await build('actor.ts');
    expect(again.cached).toBe(false);
    expect(again.hash).not.toBe(built.hash);
  });

  it('may be JavaScript with a default export, or written against the interface itself', async () => {
    await write('plain.mjs', ACTOR.replace('export const actor =', 'export default'));
    await expect(build('plain.mjs')).resolves.toMatchObject({ cached: false });
    const functions = ['init', 'handleRequest', 'handleMessage', 'snapshotState', 'shutdown'];
    await write('bare.js', `export const actor = { ${functions.map((name) => `${name}() {}`).join(', ')} };\n`);
    await expect(build('bare.js')).resolves.toMatchObject({ cached: false });
  });

  it('may lie outside of where it is used from', async () => {
    await mkdir(join(directory, 'application'));
    const manifest = { name: 'app', source: '../actor.ts' };
    await write('application/plexspaces.json', JSON.stringify(manifest));
    const built = await build('application');
    expect(built.path).toBe(join(directory, 'application', 'dist', 'app.wasm'));
    expect((await readFile(built.path)).length).toBe(built.bytes);
  });
});

describe('what does not build', { timeout: BUILD_TIMEOUT_MS }, () => {
  it.each([
    ['a syntax error', 'export const a = ;', 'Unexpected ";" (broken.ts:1:18)', 'export const a = ;'],
    ['a module that is not there', "import './nowhere.ts';", 'Could not resolve "./nowhere.ts" (broken.ts:1:8)', '╵'],
    ['a module of Node', "import 'node:fs';", 'Could not resolve "node:fs" (broken.ts:1:8)', 'node:fs'],
    [
      'no actor',
      'export const other = 1;',
      'expected `export const actor = defineActor({ … })`',
      'found no such export',
    ],
    [
      'half an actor',
      'export const actor = { init() {} };',
      'or an object with init, handleRequest',
      'found an object',
    ],
    [
      'a throw while it is loaded',
      'const a: number = 1;\n\nfunction fail(): never {\n  throw new Error("early");\n}\nfail();\nexport {};',
      'cannot build broken.ts: early (broken.ts:4)',
      'at fail (broken.ts:4)',
    ],
    [
      'a call of the host while it is loaded',
      "import { nowMillis } from '@plexspaces/actor';\nexport const started = nowMillis();",
      'it can be called from init and handlers only (broken.ts:2)',
      'nowMillis',
    ],
  ])('says so in the compiler’s words: %s', async (_, text, message, line) => {
    await write('broken.ts', `${text}\n`);
    const lines: string[] = [];
    const built = build('broken.ts', { onOutput: (each) => lines.push(each) });
    await expect(built).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
    expect(lines.join('\n')).toContain(line);
    expect((await readdir(join(directory, 'dist'))).filter((name) => name.startsWith('broken'))).toEqual([]);
  });

  it('is ended: a module that never comes to its end', async () => {
    await write('endless.ts', 'for (;;);\nexport {};\n');
    // By then the engine is in the loop; a build takes less.
    const signal = AbortSignal.timeout(ENDLESS_MS);
    await expect(build('endless.ts', { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    const left = (await readdir(join(directory, 'dist'))).filter((name) => name.startsWith('endless'));
    expect(left).toEqual([]);
  });

  it.each([
    ['actor.d.ts', /expected a file name of letters/],
    ['a b.ts', /expected a file name of letters/],
    ['parts.ts', /expected a file, found a directory/],
  ])('refuses the name %s', async (name, message) => {
    if (name === 'parts.ts') await mkdir(join(directory, name), { recursive: true });
    else await write(name, ACTOR);
    await expect(build(name)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
  });
});
