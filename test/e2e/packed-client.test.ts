/** The client as another project gets it: packed by npm, installed as files, run from plain JavaScript. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment, runProgram } from '../support/command-line.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import type { Daemon } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { makePackedProject } from '../support/packed-project.ts';

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
  project = await makePackedProject(PACKAGES);
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
