/** The command as an installed package: what it writes, builds and runs needs no checkout. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { environment, PROJECT, runProgram } from '../support/command-line.ts';
import type { Result } from '../support/command-line.ts';
import { startDaemon } from '../support/daemon.ts';
import { makePackedProject } from '../support/packed-project.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const PACKAGES = ['core', 'proto', 'worker', 'client', 'runtime', 'actor', 'cli'];
const PYTHON = join(PROJECT, '.venv', 'bin', 'python');

let project: string;
let command: string;

beforeAll(async () => {
  project = await makePackedProject(PACKAGES);
  command = join(project, 'node_modules', 'plexspaces', 'bin', 'plexspaces.js');
});

describe('the packed command', () => {
  it('has no sources, and the templates and SDKs of each language', async () => {
    expect(existsSync(join(project, 'node_modules', 'plexspaces', 'src'))).toBe(false);
    for (const language of ['python', 'rust', 'typescript']) {
      const made = await plexspaces(project, 'new', `my-${language}`, '--lang', language);
      expect(made).toMatchObject({ code: 0, stderr: '' });
    }
    const manifest = await readFile(join(project, 'my-rust', 'Cargo.toml'), 'utf8');
    const [, sdk = ''] = /path = "(.*)"/.exec(manifest) ?? [];
    expect(sdk.startsWith(join(project, 'node_modules', 'plexspaces'))).toBe(true);
    expect(existsSync(join(sdk, 'wit', 'deps', 'plexspaces-actor', 'actor.wit'))).toBe(true);
  });

  it('runs a new application in TypeScript from its test to its first answer', async () => {
    const application = join(project, 'my-typescript');
    const tested = await runProgram('npm', ['test', '--silent'], { cwd: application, env: environment() });
    expect(tested).toMatchObject({ code: 0, stdout: expect.stringContaining('pass 3') });
    expect(await plexspaces(application, 'build', '.')).toMatchObject({ code: 0 });
    await using node = await startDaemon(await makeScratchDirectory(), {
      program: [process.execPath, command, 'serve'],
    });
    expect(await plexspaces(application, 'deploy', '.', '--node', node.grpc)).toMatchObject({ code: 0 });
    const call = ['invoke', 'example.MyTypescript.v1', 'greet', '{"name":"Ann"}', '--node', node.grpc];
    const called = await plexspaces(application, ...call);
    expect(called).toEqual({ code: 0, stdout: '{"text":"Hello, Ann!","greeted":1}\n', stderr: '' });
  });

  it.skipIf(!existsSync(PYTHON))('tests and builds one in Python, with the Python that it is told', async () => {
    const cwd = join(project, 'my-python');
    const tested = await runProgram('python3', ['-m', 'unittest'], { cwd, env: environment() });
    expect(tested).toMatchObject({ code: 0, stderr: expect.stringContaining('Ran 3 tests') });
    const env = { ...environment(), PLEXSPACES_PYTHON: PYTHON };
    const built = await runProgram(process.execPath, [command, 'build', '.', '--json'], { cwd, env });
    expect(built).toMatchObject({ code: 0, stdout: expect.stringContaining('my-python.wasm') });
  });
});

function plexspaces(cwd: string, ...args: readonly string[]): Promise<Result> {
  return runProgram(process.execPath, [command, ...args], { cwd, env: environment() });
}
