/** The client as another project gets it: packed by npm, installed as files, run from plain JavaScript. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment, PROJECT, runProgram } from '../support/command-line.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import type { Daemon } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const run = promisify(execFile);
const PACKAGES = ['core', 'proto', 'client'];
const PROGRAM = `
  import { readFile } from 'node:fs/promises';
  import { connect } from '@plexspaces/client';
  await using client = await connect(process.argv[2]);
  const component = await readFile(process.argv[3]);
  const { status } = await client.deploy({ name: 'echo', version: '1.0.0', component, manifest: { kind: 'service' } });
  const reply = await client.invoke('echo', 'echo', { from: 'elsewhere' });
  await client.tuples.write(['elsewhere', 1]);
  const tuple = await client.tuples.take(['elsewhere', { '?': 'int' }]);
  const refusal = await client.invoke('nobody', 'echo').catch(({ name, code }) => ({ name, code }));
  console.log(JSON.stringify({ status, reply, tuple, refusal }));
`;

let daemon: Daemon;
let project: string;

beforeAll(async () => {
  daemon = await startFreshDaemon();
  project = await makeScratchDirectory();
  await installPacked(project);
  await writeFile(join(project, 'program.mjs'), PROGRAM);
});

afterAll(async () => {
  await daemon.kill();
});

describe('the packed client', () => {
  it('deploys, invokes and shares tuples from another project, without a source of ours', async () => {
    const args = ['program.mjs', daemon.grpc, ECHO_FILE];
    const { code, stdout, stderr } = await runProgram(process.execPath, args, { cwd: project, env: environment() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      status: 'RUNNING',
      reply: { from: 'elsewhere' },
      tuple: ['elsewhere', 1],
      refusal: { name: 'PlexSpacesError', code: 'NOT_FOUND' },
    });
  });

  it('comes with its types and the .proto files, and no test', async () => {
    const inClient = await readdir(join(project, 'node_modules', '@plexspaces', 'client', 'dist'));
    expect(inClient).toContain('index.d.ts');
    const inProto = await readdir(join(project, 'node_modules', '@plexspaces', 'proto', 'proto'), { recursive: true });
    expect(inProto).toContain(join('plexspaces', 'application', 'v1', 'application.proto'));
    await expect(readdir(join(project, 'node_modules', '@plexspaces', 'client'))).resolves.not.toContain('src');
  });
});

/** What `npm install` does with the packages, without a registry: others come from this project's own. */
async function installPacked(directory: string): Promise<void> {
  const modules = join(directory, 'node_modules');
  await run(join(PROJECT, 'node_modules', '.bin', 'tsc'), ['-b', 'tsconfig.build.json'], {
    cwd: PROJECT,
    env: environment(),
  });
  for (const name of PACKAGES) {
    const target = join(modules, '@plexspaces', name);
    await mkdir(target, { recursive: true });
    const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory];
    const { stdout } = await run('npm', pack, { cwd: join(PROJECT, 'packages', name), env: environment() });
    await run('tar', ['-xzf', join(directory, stdout.trim()), '-C', target, '--strip-components=1']);
  }
  const others = await readdir(join(PROJECT, 'node_modules'), { withFileTypes: true });
  for (const { name } of others) {
    if (name.startsWith('.') || name === '@plexspaces') continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(PROJECT, 'node_modules', name), join(modules, name));
  }
}
