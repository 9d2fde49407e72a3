/** The main job: a fresh directory, a node, two Python actors, one result in the tuple space. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtApplication } from '../support/built-actors.ts';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import type { Daemon } from '../support/daemon.ts';
import { startDaemon, startFreshDaemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const RESULTS = '["calculator_result",{"?":"any"},{"?":"any"},{"?":"any"},{"?":"any"}]';

let daemon: Daemon;
const run = (...args: string[]): ReturnType<typeof plexspaces> => plexspaces(args, { node: daemon.grpc });
const json = (...args: string[]): Promise<unknown> => plexspacesJson(args, { node: daemon.grpc });

beforeAll(async () => {
  daemon = await startFreshDaemon();
});

afterAll(async () => {
  await daemon.kill();
});

describe('a fresh node', () => {
  it('says on one line where it is, and has no application', async () => {
    const ready: unknown = JSON.parse(daemon.stdout);
    expect(ready).toEqual({ ready: true, grpc: daemon.grpc, http: daemon.http, pid: daemon.pid });
    expect(daemon.grpc).toMatch(/^127\.0\.0\.1:\d+$/);
    await expect(json('list')).resolves.toEqual({ applications: [] });
  });

  it('answers health checks on HTTP, under its own names only', async () => {
    const healthy = await fetch(`http://${daemon.http}/healthz`);
    expect([healthy.status, await healthy.json()]).toEqual([200, { status: 'serving' }]);
    const elsewhere = await fetch(`http://${daemon.http}/other`);
    expect(elsewhere.status).toBe(404);
  });
});

describe('a node whose data directory is named from where it was started', () => {
  it('runs what is deployed on it', async () => {
    const directory = relative(process.cwd(), await makeScratchDirectory());
    await using node = await startDaemon(directory);
    const deployed = ['deploy', ECHO_FILE, '--name', 'echo', '--kind', 'service'];
    expect(await plexspacesJson(deployed, { node: node.grpc })).toMatchObject({ status: 'RUNNING' });
  });
});

describe('the Python calculators', () => {
  it.each(['durable_calculator', 'tuplespace_calculator', 'advanced_calculator'])('are deployed: %s', async (name) => {
    const deployed = await json('deploy', await builtApplication(name));
    expect(deployed).toMatchObject({ applicationId: name, name, status: 'RUNNING', cache: 'miss' });
  });

  it('give the first answer, exactly', async () => {
    const added = await run('invoke', 'demo.DurableCalculator.v1', 'add', '[1,2,3]');
    expect(added).toEqual({
      code: 0,
      stdout: '{"result":6,"operation":"add","operation_count":1,"durable":true}\n',
      stderr: '',
    });
  });

  it('share a result in the tuple space', async () => {
    await expect(json('tuples', 'count', RESULTS)).resolves.toEqual({ count: 0 });
    const added = await run('invoke', 'demo.TupleSpaceCalculator.v1', 'add', '{"operands":[1,2,3]}');
    expect(added.stdout).toBe('{"result":6,"operation":"add","tuplespace_used":true}\n');
    await expect(json('tuples', 'count', RESULTS)).resolves.toEqual({ count: 1 });
  });

  it('give the digits of Python on this machine', async () => {
    const code = 'import statistics; print(repr(statistics.stdev([1, 2, 3, 4])))';
    const digits = execFileSync('python3', ['-c', code], { encoding: 'utf8' }).trim();
    const answer = await run('invoke', 'demo.AdvancedCalculator.v1', 'stdev', '{"operands":[1,2,3,4]}');
    expect(answer.stdout).toBe(`{"result":${digits},"operation":"stdev"}\n`);
  });

  it('say no in their own words, with exit code 1', async () => {
    const refused = await run('invoke', 'demo.DurableCalculator.v1', 'divide', '[1,0]');
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: 'plexspaces: EXECUTION_ERROR: divide: expected divisors other than 0, found 0\n',
    });
  });
});

describe('a module with nothing in it', () => {
  it('is refused, runs at no time and stays nowhere', async () => {
    const before = modules();
    const path = join(await makeScratchDirectory(), 'empty.wasm');
    await writeFile(path, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const refused = await run('deploy', path);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^plexspaces: INVALID_ARGUMENT: .*component.*\n$/);
    const { applications } = (await json('list')) as { applications: { name: string; status: string }[] };
    expect(applications.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
      'advanced_calculator RUNNING',
      'durable_calculator RUNNING',
      'tuplespace_calculator RUNNING',
    ]);
    expect(modules()).toEqual(before);
  });
});

function modules(): string[] {
  return readdirSync(join(daemon.dataDirectory, 'components', 'modules')).toSorted();
}
