/** The library as another project gets it: packed, installed as files; the program is the README's own. */
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtApplication } from '../support/built-actors.ts';
import { environment, PROJECT, runProgram } from '../support/command-line.ts';
import type { Result } from '../support/command-line.ts';
import { makePackedProject } from '../support/packed-project.ts';

const PACKAGES = ['core', 'proto', 'worker', 'runtime'];
const COMPONENT = 'actors/python/tuplespace_calculator/dist/tuplespace_calculator.wasm';
const PRINTED = "[ 2, 12, 30 ]\n[ 'calculator_result', 'multiply', '[3, 4]', { float: 12 }, 'client' ] true\n";
/** Every type that a program names, checked as strictly as it likes. */
const TYPED = `
  import { PlexSpacesError, SharedState, TupleSpace, WASMActor, WASMSingletonActor, WASMWorker, WASMWorkerPool } from '@plexspaces/runtime';
  import type { ActorOptions, HostApis, InvokeOptions, PoolStats, SingletonOptions, WorkerOptions } from '@plexspaces/runtime';
  const hostApis: HostApis = { tuplespace: new TupleSpace({ maxTuples: 10 }), state: new SharedState(), timers: true };
  const options: ActorOptions = { workers: { min: 1 }, hostApis, every: [{ intervalMs: 10, messageType: 'tick' }] };
  const patience: InvokeOptions = { deadline: 100, signal: AbortSignal.timeout(100) };
  const one: SingletonOptions = { hostApis };
  const held: WorkerOptions = { env: { A: 'b' } };
  export async function all(component: Uint8Array): Promise<[Uint8Array, unknown, PoolStats]> {
    await using actor = await WASMActor.start(component, options);
    await using singleton: WASMSingletonActor = await WASMSingletonActor.start(component, one);
    await using pool: WASMWorkerPool = await WASMWorkerPool.start(component);
    await using worker: WASMWorker = await WASMWorker.start(component, held);
    singleton.tell('x', { a: 1 });
    const bytes: Uint8Array = await actor.invoke('m', new Uint8Array(), patience);
    try {
      return [bytes, await worker.invoke('m', { a: 1 }), pool.stats()];
    } catch (thrown) {
      throw thrown instanceof PlexSpacesError && thrown.code === 'NOT_FOUND' ? new Error('none') : thrown;
    }
  }
`;

let project: string;

beforeAll(async () => {
  await builtApplication('tuplespace_calculator');
  project = await makePackedProject(PACKAGES);
  await mkdir(dirname(join(project, COMPONENT)), { recursive: true });
  await symlink(join(PROJECT, COMPONENT), join(project, COMPONENT));
  await writeFile(join(project, 'program.mjs'), await programOfReadme());
  await mkdir(join(project, 'tmp'));
});

describe('the packed library', () => {
  it("runs the README's program from another project, and leaves nothing behind", async () => {
    await expect(program()).resolves.toEqual({ code: 0, stdout: PRINTED, stderr: '' });
    await expect(readdir(join(project, 'tmp'))).resolves.toEqual([]);
  });

  it('has types that a strict program can use', async () => {
    await writeFile(join(project, 'typed.mts'), TYPED);
    const tsc = join(PROJECT, 'node_modules', '.bin', 'tsc');
    const strict = ['--noEmit', '--strict', '--noUncheckedIndexedAccess'];
    const target = ['--target', 'es2024', '--lib', 'esnext,dom', '--module', 'nodenext', '--types', 'node'];
    const options = { cwd: project, env: environment() };
    await expect(runProgram(tsc, [...strict, ...target, 'typed.mts'], options)).resolves.toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('the sources', () => {
  it("run the README's program as it says", async () => {
    const args = ['--conditions=@plexspaces/source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
    const text = await programOfReadme();
    const env = { ...environment(), TMPDIR: join(project, 'tmp') };
    const result = await runProgram(process.execPath, [...args, '--eval', text], { cwd: PROJECT, env });
    expect(result).toEqual({ code: 0, stdout: PRINTED, stderr: '' });
  });
});

function program(): Promise<Result> {
  const env = { ...environment(), TMPDIR: join(project, 'tmp') };
  return runProgram(process.execPath, ['program.mjs'], { cwd: project, env });
}

async function programOfReadme(): Promise<string> {
  const readme = await readFile(join(PROJECT, 'README.md'), 'utf8');
  const found = /^## As a library$[\s\S]*?^```js\n([\s\S]*?)^```$/m.exec(readme)?.[1];
  if (found === undefined) throw new Error('the README has no program under "As a library"');
  return found;
}
