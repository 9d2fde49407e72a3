import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildComponent } from '../../../packages/cli/src/build/build.ts';
import type { BuildResult } from '../../../packages/cli/src/build/build.ts';

/**
 * A compiler that answers the probe, then writes a component that holds the number of its run; `fails` beside it makes it fail as
 * componentize-py does, `hangs` makes it wait for ever.
 */
const COMPILER = `#!/usr/bin/env bash
here=$(dirname "$0")
if [[ $2 == *distributions* ]]; then
  echo '{"prefix":"/venv","packages":["componentize-py==0.25.1"],"modules":["random"]}'
  exit 0
fi
if [[ -f $here/hangs ]]; then
  echo hanging
  exec tail -f /dev/null
fi
echo run >>"$here/runs"
if [[ -f $here/fails ]]; then
  cat "$here/fails" >&2
  exit 1
fi
echo "Component built successfully"
printf '\\0asm\\x0d\\0\\x01\\0\\0\\x03\\x01r%s' "$(wc -l <"$here/runs")" >"\${@: -1}"
`;

let directory = '';
let python = '';
let source = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plexspaces-build-test-'));
  await mkdir(join(directory, 'tool'));
  await mkdir(join(directory, 'actor'));
  python = join(directory, 'tool', 'python');
  source = join(directory, 'actor', 'adder.py');
  await writeFile(python, COMPILER);
  await chmod(python, 0o755);
  await writeFile(source, 'def handle_request(a, b, c): return 1\n');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const build = (): Promise<BuildResult> => buildComponent(source, { tools: { python } });
const runs = async (): Promise<number> =>
  (await readFile(join(directory, 'tool', 'runs'), 'utf8')).split('\n').length - 1;
const fail = (text: string): Promise<void> => writeFile(join(directory, 'tool', 'fails'), text);

describe('buildComponent', () => {
  it('writes the component and says what it is', async () => {
    const lines: string[] = [];
    const built = await buildComponent(source, { tools: { python }, onOutput: (line) => lines.push(line) });
    expect(built).toMatchObject({ path: join(directory, 'actor', 'dist', 'adder.wasm'), bytes: 13, cached: false });
    expect(built).toMatchObject({ language: 'python', imports: [], exports: [] });
    expect(built.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(lines).toEqual(['Component built successfully']);
    expect(await readFile(built.path, 'utf8')).toMatch(/r1$/);
  });

  it('does not build again what is unchanged', async () => {
    const first = await build();
    expect(await build()).toMatchObject({ hash: first.hash, cached: true });
    expect(await runs()).toBe(1);
  });

  it.each([
    ['the source changes', 'adder.py'],
    ['a sibling module appears', 'helper.py'],
    ['a file that is read at build time appears', 'table.csv'],
  ])('builds again when %s', async (_, name) => {
    await build();
    await writeFile(join(directory, 'actor', name), 'x = 2\n');
    expect(await build()).toMatchObject({ cached: false });
    expect(await runs()).toBe(2);
  });

  it('does not build again for what goes into no component', async () => {
    await build();
    await writeFile(join(directory, 'actor', 'plexspaces.json'), '{}');
    await writeFile(join(directory, 'actor', 'README.md'), 'notes');
    expect(await build()).toMatchObject({ cached: true });
  });

  it('builds again when the component is not the one that was built', async () => {
    const first = await build();
    await writeFile(first.path, 'component X');
    expect(await build()).toMatchObject({ cached: false });
  });

  it('leaves the component that was there, and nothing else, when a build fails', async () => {
    const first = await build();
    await writeFile(source, 'def broken(\n');
    await fail('the compiler is out of order');
    await expect(build()).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('out of order') });
    expect(await readFile(first.path, 'utf8')).toMatch(/r1$/);
    expect((await readdir(join(directory, 'actor', 'dist'))).toSorted()).toEqual(['adder.wasm', 'adder.wasm.inputs']);
  });

  it('does not take for a component what is none', async () => {
    await writeFile(python, COMPILER.replaceAll('asm', 'nsa'));
    await expect(build()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('expected a component, found not WebAssembly'),
    });
    expect(await readdir(join(directory, 'actor', 'dist'))).toEqual([]);
  });

  it('ends when it is cancelled', async () => {
    await writeFile(join(directory, 'tool', 'hangs'), '');
    const abort = new AbortController();
    const onOutput = (): void => abort.abort();
    await expect(buildComponent(source, { tools: { python }, onOutput, signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await readdir(join(directory, 'actor', 'dist'))).toEqual([]);
  });

  it('refuses a file that would hide a module of Python', async () => {
    source = join(directory, 'actor', 'random.py');
    await writeFile(source, '');
    await expect(build()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('a module random exists already'),
    });
  });

  it('refuses an output that is a directory or has no parent, before the compiler runs', async () => {
    const to = (output: string): Promise<BuildResult> => buildComponent(source, { tools: { python }, output });
    await expect(to(directory)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(to(join(directory, 'no', 'such', 'x.wasm'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(runs()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says how to get the tools when there is no Python', async () => {
    await expect(buildComponent(source, { tools: { python: join(directory, 'none') } })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('scripts/setup.sh'),
    });
  });
});
