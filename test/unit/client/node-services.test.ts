import { connect } from '@plexspaces/client';
import type { FieldInput } from '@plexspaces/core';
import { ActorKind, ApplicationState, ApplicationStatus } from '@plexspaces/proto';
import type { TupleMessage, UndeployApplicationRequest } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from './fake-node.ts';
import type { Answers } from './fake-node.ts';

describe('applications', () => {
  it('lists them with the names of the contract', async () => {
    await using node = await startFakeNode({
      applications: { listApplications: async () => ({ applications: [INFO] }) },
    });
    await using client = await connect(node.address);
    expect(await client.list()).toEqual([
      {
        applicationId: 'a',
        name: 'a',
        version: '1',
        status: 'FAILED',
        service: 'demo.A.v1',
        kind: 'service',
        moduleHash: 'ab',
        deployedAt: undefined,
        error: 'init: no',
      },
    ]);
  });

  it('is NOT_FOUND where a status has no application', async () => {
    await using node = await startFakeNode({ applications: { getApplicationStatus: async () => ({ error: 'none' }) } });
    await using client = await connect(node.address);
    await expect(client.status('a')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'none' });
  });

  it('starts, stops and undeploys by application_id', async () => {
    const undeploys: UndeployApplicationRequest[] = [];
    await using node = await startFakeNode({
      applications: {
        startApplication: async () => ({ application: { state: ApplicationState.APPLICATION_STATE_RUNNING } }),
        stopApplication: async ({ force }) => ({
          application: {
            state: force ? ApplicationState.APPLICATION_STATE_STOPPED : ApplicationState.APPLICATION_STATE_STOPPING,
          },
        }),
        undeployApplication: async (request) => {
          undeploys.push(request);
          return { success: true };
        },
      },
    });
    await using client = await connect(node.address);
    expect(await client.start('a')).toEqual({ applicationId: 'a', status: 'RUNNING' });
    expect(await client.stop('a')).toEqual({ applicationId: 'a', status: 'STOPPING' });
    expect(await client.stop('a', { force: true })).toEqual({ applicationId: 'a', status: 'STOPPED' });
    await client.undeploy('a');
    await client.undeploy('b', { purge: true });
    expect(undeploys).toMatchObject([
      { applicationId: 'a', purge: false },
      { applicationId: 'b', purge: true },
    ]);
  });

  it('does not take success = false for success', async () => {
    await using node = await startFakeNode({
      applications: { undeployApplication: async () => ({ success: false, error: 'busy' }) },
    });
    await using client = await connect(node.address);
    await expect(client.undeploy('a')).rejects.toMatchObject({ message: expect.stringContaining('busy') });
  });
});

describe('tuples', () => {
  it('brings every type of field to the space and back', async () => {
    await using node = await startFakeNode(spaceOfOne());
    await using client = await connect(node.address);
    const tuple: FieldInput[] = [
      'a',
      6,
      { float: 6 },
      2n ** 63n - 1n,
      { float: -0 },
      Uint8Array.of(0, 1),
      true,
      null,
      NaN,
    ];
    await client.tuples.write(tuple);
    expect(await client.tuples.read([{ '?': 'string' }])).toEqual([
      'a',
      6,
      { float: 6 },
      { int: '9223372036854775807' },
      { float: '-0' },
      { bytes: 'AAE=' },
      true,
      null,
      { float: 'NaN' },
    ]);
  });

  it('takes JSON text, in which 6.0 is a float and 6 an int', async () => {
    await using node = await startFakeNode(spaceOfOne());
    await using client = await connect(node.address);
    await client.tuples.write('[6, 6.0]');
    expect(await client.tuples.take('[{"?":"any"}]')).toEqual([6, { float: 6 }]);
    expect(await client.tuples.take('[{"?":"any"}]')).toBeNull();
  });

  it('counts, and passes the namespace on', async () => {
    await using node = await startFakeNode({
      tuples: { count: async ({ namespace }) => ({ count: namespace === 'n' ? 7n : 0n }) },
    });
    await using client = await connect(node.address);
    expect(await client.tuples.count([], { namespace: 'n' })).toBe(7);
    expect(await client.tuples.count([])).toBe(0);
  });

  it('writes with a time to live, renews, replaces, and reads all', async () => {
    const lease = 2n ** 63n;
    await using node = await startFakeNode({
      tuples: {
        write: async ({ ttlMs }) => ({ lease: ttlMs === undefined ? 0n : lease }),
        renew: async (request) => ({ renewed: request.lease === lease && request.ttlMs === 7n }),
        readAll: async ({ limit }) => ({ tuples: Array.from({ length: limit || 5 }, () => ({ fields: [] })) }),
        compareAndSwap: async ({ expected, replacement }) => ({ swapped: expected !== undefined && !replacement }),
      },
    });
    await using client = await connect(node.address);
    expect(await client.tuples.write(['a'])).toEqual({ lease: null });
    expect(await client.tuples.write(['a'], { ttlMs: 5 })).toEqual({ lease });
    expect(await client.tuples.renew(lease, 7)).toBe(true);
    expect(await client.tuples.renew(1n, 7)).toBe(false);
    expect(await client.tuples.readAll([])).toHaveLength(5);
    expect(await client.tuples.readAll([], { limit: 2 })).toEqual([[], []]);
    expect(await client.tuples.compareAndSwap([], ['a'], ['b'])).toBe(false);
  });

  it('ends what waits where it is closed', async () => {
    await using node = await startFakeNode({
      tuples: {
        take: (_request, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({}))),
      },
    });
    const client = await connect(node.address);
    const taken = client.tuples.take(['a'], { waitMs: 30_000 });
    client.close();
    await expect(taken).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('refuses what is no tuple before anything is sent', async () => {
    await using node = await startFakeNode({});
    await using client = await connect(node.address);
    await expect(client.tuples.write('{"a":1}')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(client.tuples.take(['a'], { waitMs: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('pool', () => {
  it('gives plain numbers', async () => {
    const stats = { min: 1, max: 4, total: 2, active: 1, idle: 1, queued: 3, blockedOnTuplespace: 1 };
    await using node = await startFakeNode({
      pools: { getPool: async () => ({ ...stats, completed: 9n, failed: 2n, replaced: 1n }) },
    });
    await using client = await connect(node.address);
    expect(await client.pool('a')).toEqual({ ...stats, completed: 9, failed: 2, replaced: 1 });
  });
});

const INFO = {
  applicationId: 'a',
  name: 'a',
  version: '1',
  status: ApplicationStatus.APPLICATION_STATUS_FAILED,
  service: 'demo.A.v1',
  kind: ActorKind.ACTOR_KIND_SERVICE,
  moduleHash: 'ab',
  error: 'init: no',
};

/** Holds the last tuple written, whatever is asked for. */
function spaceOfOne(): Answers {
  let held: TupleMessage | undefined;
  return {
    tuples: {
      write: async ({ tuple }) => {
        held = tuple;
        return {};
      },
      read: async () => ({ ...(held && { tuple: held }) }),
      take: async () => {
        const tuple = held;
        held = undefined;
        return { ...(tuple && { tuple }) };
      },
    },
  };
}
