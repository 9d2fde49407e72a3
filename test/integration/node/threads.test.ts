/** The threads of a node: what does not fit is refused, who is busy leaves others theirs, and /metrics tells of it. */
import { connect } from '@plexspaces/client';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../../fixtures/components/wat.ts';
import { sleepPayload } from '../../support/component-files.ts';
import { countOf } from '../../support/echo.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { RunningNode } from './running-node.ts';

const NOTHING = new Uint8Array();
const MAX_THREADS = 3;

let temporary: TemporaryDirectory;
let running: RunningNode;
let client: PlexSpacesClient;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
  running = await RunningNode.start(temporary.path, { maxThreads: MAX_THREADS });
  client = await connect(running.node.addresses.grpc);
});

afterEach(async () => {
  for (const { name } of await client.list()) await client.undeploy(name, { purge: true });
});

afterAll(async () => {
  client.close();
  await running.close();
  await temporary[Symbol.asyncDispose]();
});

describe('a node with three threads', () => {
  it('refuses what does not fit by name, and has room again when something goes', async () => {
    await deploy('first', { workers: { min: 2, max: 2 } });
    const tooMany = deploy('second', { workers: { min: 2, max: 2 } });
    await expect(tooMany).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringMatching(/workers\.min: expected at most 1 threads, found 2/),
    });
    expect((await client.list()).map(({ name }) => name)).toEqual(['first']);
    await client.undeploy('first');
    await expect(deploy('second', { workers: { min: 3, max: 3 } })).resolves.toBeDefined();
  });

  it('lets a durable application that is busy everywhere give its threads back', async () => {
    await deploy('durable', { kind: 'durable', workers: { min: 1, max: 3 } });
    await deploy('service', { workers: { min: 1, max: 2 } });
    // Each key has an instance of its own, which keeps its place when it has been called.
    for (const key of ['a', 'b', 'c', 'd']) expect(await count(`durable/${key}`)).toBe(1);
    expect(await client.pool('durable')).toMatchObject({ total: 2 });
    const calls = Promise.all(Array.from({ length: 8 }, () => sleep('service', 500)));
    await expect.poll(() => client.pool('service'), { timeout: 10_000 }).toMatchObject({ total: 2 });
    expect(await client.pool('durable')).toMatchObject({ total: 1 });
    await calls;
    for (const key of ['a', 'b', 'c', 'd']) expect(await count(`durable/${key}`)).toBe(2);
  });

  it('goes on with single calls of one application while another one has a full queue', async () => {
    await deploy('busy', { workers: { min: 1, max: 3, queueLimit: 100 } });
    await deploy('quiet', { workers: { min: 1, max: 3 } });
    const flood = Array.from({ length: 60 }, () => sleep('busy', 40));
    for (let calls = 1; calls <= 5; calls += 1) await sleep('quiet', 1);
    expect(await client.pool('quiet')).toMatchObject({ completed: 5 });
    expect((await client.pool('busy')).queued).toBeGreaterThan(0);
    await Promise.all(flood);
    expect(await client.pool('busy')).toMatchObject({ completed: 60, failed: 0 });
  });

  it('tells of threads, calls, batches and tuples at /metrics', async () => {
    await deploy('durable', { kind: 'durable', workers: { min: 1, max: 1 } });
    await count('durable/a');
    await client.call('durable/a', 'write', NOTHING);
    const text = await (await fetch(`http://${running.node.addresses.http}/metrics`)).text();
    expect(text).toMatch(/^plexspaces_threads_limit 3$/m);
    expect(text).toMatch(/^plexspaces_threads 1$/m);
    expect(text).toMatch(/^plexspaces_call_run_seconds_count\{application="durable"\} 2$/m);
    expect(text).toMatch(/^plexspaces_call_wait_seconds_count\{application="durable"\} 2$/m);
    expect(text).toMatch(/^plexspaces_host_call_seconds_count\{application="durable"\} 1$/m);
    expect(text).toMatch(/^plexspaces_pool_calls_completed_total\{application="durable"\} 2$/m);
    expect(text).toMatch(/^plexspaces_space_tuples 1$/m);
    expect(text).toMatch(/^plexspaces_live_actors 1$/m);
    expect(text).toMatch(/^plexspaces_log_batch_operations_count [1-9]\d*$/m);
    expect(text).toMatch(/^plexspaces_log_write_seconds_count [1-9]\d*$/m);
    expect(text).not.toContain('durable/a'); // keys are no labels: there is no bound on them
  });
});

function deploy(name: string, manifest: object): Promise<unknown> {
  return client.deploy({ name, version: '1', component: readEcho(), manifest: { kind: 'service', ...manifest } });
}

async function count(address: string): Promise<number> {
  return countOf((await client.call(address, 'count', NOTHING)).bytes);
}

function sleep(address: string, durationMs: number): Promise<unknown> {
  return client.call(address, 'sleep', sleepPayload(durationMs));
}
