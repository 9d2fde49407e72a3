import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveSource } from '../../../packages/cli/src/build/source.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plexspaces-source-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const write = (name: string, text = ''): Promise<void> => writeFile(join(directory, name), text);
const resolved = (name: string, output?: string): Promise<unknown> => resolveSource(join(directory, name), output);

describe('resolveSource', () => {
  it('takes a .py file and writes dist/<name>.wasm beside it', async () => {
    await write('adder.py');
    const output = join(directory, 'dist', 'adder.wasm');
    expect(await resolved('adder.py')).toMatchObject({
      language: { name: 'python' },
      source: { name: 'adder', directory },
      output,
    });
  });

  it('takes an application by its plexspaces.json', async () => {
    await write('main.py');
    await write('plexspaces.json', '{"name":"sum","source":"main.py","component":"out/sum.wasm"}');
    expect(await resolved('.')).toMatchObject({ source: { name: 'main' }, output: join(directory, 'out', 'sum.wasm') });
  });

  it('names the component after the application where plexspaces.json does not, and obeys -o', async () => {
    await write('main.py');
    await write('plexspaces.json', '{"name":"sum","source":"main.py"}');
    expect(await resolved('.')).toMatchObject({ output: join(directory, 'dist', 'sum.wasm') });
    expect(await resolved('.', '/elsewhere/x.wasm')).toMatchObject({ output: '/elsewhere/x.wasm' });
  });

  it.each([
    ['a missing file', 'none.py', 'NOT_FOUND', /none\.py: no such file/],
    [
      'a directory without a plexspaces.json',
      'empty',
      'NOT_FOUND',
      /expected a \.py file.* or a directory with a plexspaces\.json, found a directory with none/,
    ],
    ['a file of another kind', 'notes.txt', 'INVALID_ARGUMENT', /expected a \.py file/],
    ['a name that Python cannot import', 'a.b.py', 'INVALID_ARGUMENT', /my_actor\.py/],
    ['a plexspaces.json that is no JSON', 'broken', 'INVALID_ARGUMENT', /expected JSON/],
    ['a plexspaces.json without a source', 'sourceless', 'INVALID_ARGUMENT', /"source" to be a text, found nothing/],
  ])('refuses %s', async (_, name, code, message) => {
    await Promise.all(['empty', 'broken', 'sourceless'].map((each) => mkdir(join(directory, each))));
    await Promise.all(['notes.txt', 'a.b.py'].map((each) => write(each)));
    await write('broken/plexspaces.json', '{"name":');
    await write('sourceless/plexspaces.json', '{"name":"x"}');
    await expect(resolved(name)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
