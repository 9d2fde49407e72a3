/** A node whose disk fails under it: what callers are told, and that what was acknowledged is there afterwards. */
import { patternToMessage, tupleToMessage } from '@plexspaces/proto';
import { createChannel, createClient, Status } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readEcho } from '../../fixtures/components/wat.ts';
import { countOf } from '../../support/echo.ts';
import { FailingDisk } from '../../support/failing-disk.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { RunningNode } from './running-node.ts';

const NOT_SERVING = 2;
const FULL = { code: Status.RESOURCE_EXHAUSTED, details: expect.stringMatching(/^storage is full.*No space left/) };
const FAILED = { code: Status.UNAVAILABLE, details: expect.stringMatching(/^storage failed.*restart the node.*Input/) };

let temporary: TemporaryDirectory;
let disk: FailingDisk;
let running: RunningNode;

beforeEach(async () => {
  temporary = await makeTemporaryDirectory();
  disk = new FailingDisk();
  running = await RunningNode.start(temporary.path, { decorateStore: disk.put });
  await running.applications.deployApplication({
    applicationId: 'echo',
    version: '1',
    wasmModule: { moduleBytes: readEcho() },
    manifest: { workers: { min: 1, max: 1 } },
  });
  await count();
  await running.tuples.write({ tuple: KEPT });
});

afterEach(async () => {
  await running.close();
  await temporary[Symbol.asyncDispose]();
});

const KEPT = tupleToMessage([{ type: 'string', value: 'kept' }]);
const LOST = tupleToMessage([{ type: 'string', value: 'lost' }]);
const ANY_TUPLE = patternToMessage([{ match: 'any' }]);

describe('a full disk', () => {
  it('refuses everything with the reason until there is room, then goes on where the acknowledged calls ended', async () => {
    disk.fill();
    const calls = await Promise.allSettled([count(), running.tuples.write({ tuple: LOST }), count('echo/other')]);
    for (const call of calls) expect(call).toMatchObject({ status: 'rejected', reason: FULL });
    await expect(count()).rejects.toMatchObject(FULL);
    await expect(running.applications.listApplications({})).rejects.toMatchObject(FULL);
    await expect(Array.fromAsync(running.actors.readJournal({ id: 'echo/one' }))).rejects.toMatchObject(FULL);
    await expect(running.modules.hasModule({ hash: 'f'.repeat(64) })).rejects.toMatchObject(FULL);
    expect(await health()).toEqual({ grpc: NOT_SERVING, http: { status: 'storage full' } });
    await vi.waitFor(() => expect(disk.refused).toBeGreaterThan(2)); // reopened, and still full
    disk.makeRoom();
    await vi.waitFor(async () => expect(await count()).toBe(2), { timeout: 10_000 });
    expect(await running.tuples.count({ pattern: ANY_TUPLE })).toEqual({ count: 1n });
    expect(await health()).toEqual({ grpc: 1, http: { status: 'serving' } });
    expect(running.lines.map(({ msg }) => msg)).toContain('there is room again: the node has recovered and serves on');
  });

  it('can come again, and the node can be closed while it lasts', async () => {
    for (const expected of [2, 3]) {
      disk.fill();
      await expect(count()).rejects.toMatchObject(FULL);
      disk.makeRoom();
      await vi.waitFor(async () => expect(await count()).toBe(expected), { timeout: 10_000 });
    }
    disk.fill();
    await expect(count()).rejects.toMatchObject(FULL);
    await running.node.close();
    disk.makeRoom();
    await running.close();
    running = await RunningNode.start(temporary.path);
    expect(await count()).toBe(4);
  });
});

describe('a broken disk', () => {
  it('ends all work until the node is restarted, though the disk should work again', async () => {
    disk.breakDown();
    await expect(count()).rejects.toMatchObject(FAILED);
    disk.makeRoom();
    await expect(count()).rejects.toMatchObject(FAILED);
    await expect(running.tuples.write({ tuple: LOST })).rejects.toMatchObject(FAILED);
    expect(await health()).toEqual({ grpc: NOT_SERVING, http: { status: 'storage failed' } });
    await running.close();
    running = await RunningNode.start(temporary.path);
    expect(await count()).toBe(2);
    expect(await running.tuples.count({ pattern: ANY_TUPLE })).toEqual({ count: 1n });
  });
});

describe('a node that goes on behind a failed batch (control)', () => {
  it('says yes to what a restart does not find', async () => {
    await running.close();
    running = await RunningNode.start(temporary.path, { decorateStore: disk.put, unsafeGoOnAfterFailure: true });
    await running.tuples.take({ pattern: ANY_TUPLE });
    disk.fill();
    await expect(running.tuples.write({ tuple: LOST })).rejects.toMatchObject(FULL);
    disk.makeRoom();
    await running.tuples.write({ tuple: KEPT });
    expect(await running.tuples.count({ pattern: ANY_TUPLE })).toEqual({ count: 2n }); // one of them in memory alone
    await running.close();
    await expect(RunningNode.start(temporary.path)).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringContaining('the log has a gap'),
    });
    running = await startAnew();
  });
});

/** For afterEach. */
async function startAnew(): Promise<RunningNode> {
  await temporary[Symbol.asyncDispose]();
  temporary = await makeTemporaryDirectory();
  return RunningNode.start(temporary.path);
}

async function count(id = 'echo/one'): Promise<number> {
  return countOf((await running.invoke(id, 'count')).output);
}

async function health(): Promise<{ grpc: number; http: unknown }> {
  const { grpc, http } = running.node.addresses;
  const channel = createChannel(grpc);
  const { status } = await createClient(HealthDefinition, channel).check({ service: 'plexspaces.v1.ActorService' });
  channel.close();
  const response = await fetch(`http://${http}/healthz`);
  return { grpc: status, http: await response.json() };
}
