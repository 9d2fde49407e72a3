/** Rewind, fork and quarantine as a program sees them: what is asked, and what comes of the answers. */
import { connect } from '@plexspaces/client';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from './fake-node.ts';

describe('rewind and fork', () => {
  it('give plain numbers, and no branch where nothing was cut', async () => {
    const asked: unknown[] = [];
    await using node = await startFakeNode({
      actors: {
        rewindActor: async (request) => {
          asked.push(request);
          if (request.toSequence === 9n) return { sequence: 9n };
          const standingEffects = [{ sequence: 5n, function: 'tuplespace-write' }];
          return { sequence: 4n, branchId: 'a/k.rewound-9', cutMessages: 5n, standingEffects, standingEffectCount: 7n };
        },
        forkActor: async (request) => {
          asked.push(request);
          return { id: 'a/new', sequence: 4n, replayed: 2n };
        },
      },
    });
    await using client = await connect(node.address);
    expect(await client.rewind('a/k', 4)).toEqual({
      sequence: 4,
      branch: 'a/k.rewound-9',
      cutMessages: 5,
      standingEffects: [{ sequence: 5, function: 'tuplespace-write' }],
      standingEffectCount: 7,
    });
    expect(await client.rewind('a/k', 9)).toMatchObject({ sequence: 9, branch: undefined, cutMessages: 0 });
    expect(await client.fork('a/k', 0, 'new')).toEqual({ id: 'a/new', sequence: 4, replayed: 2 });
    expect(asked).toMatchObject([
      { id: 'a/k', toSequence: 4n },
      { id: 'a/k', toSequence: 9n },
      { id: 'a/k', atSequence: 0n, newKey: 'new' },
    ]);
  });

  it('refuse a number that is none before anything is asked', async () => {
    await using node = await startFakeNode({});
    await using client = await connect(node.address);
    for (const sequence of [-1, 1.5, Number.NaN]) {
      await expect(client.rewind('a', sequence)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(client.fork('a', sequence, 'b')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(client.quarantine.retry('a', sequence)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(client.quarantine.drop('a', sequence)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});

describe('quarantine', () => {
  it('lists page after page', async () => {
    const asked: string[] = [];
    await using node = await startFakeNode({
      actors: {
        listQuarantined: async ({ applicationId, pageToken }) => {
          asked.push(`${applicationId} ${pageToken}`);
          const lastFailure = { code: 'INTERNAL', message: 'trap', details: { reason: 'TRAP' } };
          const message = { id: 'a/k', method: 'm', attempts: 5, lastFailure, payload: Buffer.from('{}') };
          return {
            messages: [{ ...message, sequence: BigInt(asked.length) }],
            nextPageToken: asked.length < 2 ? 'more' : '',
          };
        },
      },
    });
    await using client = await connect(node.address);
    const found = await client.quarantine.list('app');
    expect(found.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(found[0]).toMatchObject({
      id: 'a/k',
      messageType: 'm',
      attempts: 5,
      lastFailure: { code: 'INTERNAL', message: 'trap', details: { reason: 'TRAP' } },
      quarantinedAt: undefined,
    });
    expect(asked).toEqual(['app ', 'app more']);
  });

  it("gives the guest's answer to a retry, its no as EXECUTION_ERROR, and a failure as it is", async () => {
    await using node = await startFakeNode({
      actors: {
        retryQuarantined: async ({ id, sequence }) => {
          const error = { code: 'EXECUTION_ERROR', message: 'no', details: {} };
          if (id === 'a/no') return { success: false, error };
          return { success: true, output: Buffer.from(`{"sequence":${sequence}}`) };
        },
      },
    });
    await using client = await connect(node.address);
    expect(await client.quarantine.retry('a/k', 7)).toMatchObject({ value: { sequence: 7 } });
    await expect(client.quarantine.retry('a/no', 7)).rejects.toMatchObject({ code: 'EXECUTION_ERROR', message: 'no' });
    await expect(client.quarantine.drop('a/k', 7)).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
  });
});
