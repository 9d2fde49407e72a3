import { connect } from '@plexspaces/client';
import { ActorKind, ActorStatus, JournalEntryKind } from '@plexspaces/proto';
import type { CheckpointRequest, ReadJournalRequest } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from './fake-node.ts';

const ACTOR = {
  id: 'a/k',
  applicationId: 'a',
  kind: ActorKind.ACTOR_KIND_DURABLE,
  status: ActorStatus.ACTOR_STATUS_ACTIVE,
  sequence: 26n,
  snapshotSequence: 20n,
  replayed: 5n,
  stateHash: 'ab',
  restarts: 1,
  error: '',
};

describe('actors', () => {
  it('gives plain numbers, and undefined for what there is not', async () => {
    const { sequence: _sequence, replayed: _replayed, ...bare } = ACTOR;
    const passive = { ...bare, stateHash: '', status: ActorStatus.ACTOR_STATUS_PASSIVE, error: 'damaged' };
    await using node = await startFakeNode({ actors: { listActors: async () => ({ actors: [ACTOR, passive] }) } });
    await using client = await connect(node.address);
    const info = { id: 'a/k', applicationId: 'a', kind: 'durable', restarts: 1 };
    expect(await client.actors()).toEqual([
      { ...info, status: 'active', sequence: 26, snapshotSequence: 20, replayed: 5, stateHash: 'ab', error: undefined },
      {
        ...info,
        status: 'passive',
        sequence: undefined,
        snapshotSequence: undefined,
        replayed: undefined,
        error: 'damaged',
      },
    ]);
  });

  it('asks for page after page', async () => {
    const asked: string[] = [];
    await using node = await startFakeNode({
      actors: {
        listActors: async ({ applicationId, pageToken }) => {
          asked.push(`${applicationId} ${pageToken}`);
          return { actors: [{ ...ACTOR, id: `a/${asked.length}` }], nextPageToken: asked.length < 3 ? 'more' : '' };
        },
      },
    });
    await using client = await connect(node.address);
    expect((await client.actors('app')).map(({ id }) => id)).toEqual(['a/1', 'a/2', 'a/3']);
    expect(asked).toEqual(['app ', 'app more', 'app more']);
  });
});

describe('checkpoint', () => {
  it('names the actor and gives sequence and hash', async () => {
    const asked: CheckpointRequest[] = [];
    await using node = await startFakeNode({
      actors: {
        checkpoint: async (request) => {
          asked.push(request);
          return { sequence: 25n, stateHash: 'ab' };
        },
      },
    });
    await using client = await connect(node.address);
    expect(await client.checkpoint('a/k')).toEqual({ sequence: 25, stateHash: 'ab' });
    expect(asked).toMatchObject([{ id: 'a/k' }]);
  });
});

describe('journal', () => {
  it('gives an entry for each record', async () => {
    const asked: ReadJournalRequest[] = [];
    const place = { sequence: 7n, epoch: 2n, time: new Date(1000) };
    await using node = await startFakeNode({
      actors: {
        async *readJournal(request) {
          asked.push(request);
          const kind = JournalEntryKind;
          yield {
            ...place,
            index: 0,
            kind: kind.JOURNAL_ENTRY_KIND_RECEIVED,
            fromActor: 'c',
            name: 'm',
            payload: BYTES,
          };
          yield { ...place, index: 1, kind: kind.JOURNAL_ENTRY_KIND_HOST_CALL, name: 'f', payload: BYTES };
          yield { ...place, index: 2, kind: kind.JOURNAL_ENTRY_KIND_PROCESSED, payload: BYTES };
          yield {
            ...place,
            index: 3,
            kind: kind.JOURNAL_ENTRY_KIND_FAILED,
            error: { code: 'INTERNAL', message: 'no' },
          };
        },
      },
    });
    await using client = await connect(node.address);
    const base = { sequence: 7, epoch: 2, time: new Date(1000) };
    expect(await Array.fromAsync(client.journal('a/k', { from: 7 }))).toMatchObject([
      { ...base, index: 0, kind: 'received', from: 'c', messageType: 'm', payload: BYTES },
      { ...base, index: 1, kind: 'host-call', function: 'f', reply: BYTES },
      { ...base, index: 2, kind: 'processed', reply: BYTES, error: undefined },
      { ...base, index: 3, kind: 'failed', error: { code: 'INTERNAL', message: 'no', details: {} } },
    ]);
    expect(asked).toMatchObject([{ id: 'a/k', fromSequence: 7n, limit: 0n }]);
  });

  it('refuses a number that is none, and a record that it does not know', async () => {
    await using node = await startFakeNode({
      actors: {
        async *readJournal() {
          yield { sequence: 1n };
        },
      },
    });
    await using client = await connect(node.address);
    const read = (from: number): Promise<unknown> => Array.fromAsync(client.journal('a', { from }));
    await expect(read(-1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(read(0)).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('known kind') });
  });
});

const BYTES = Buffer.from('{}');
