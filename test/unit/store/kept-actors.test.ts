import { beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../packages/runtime/src/store/journal.ts';
import type { JournalBody } from '../../../packages/runtime/src/store/journal.ts';
import { KeptActors } from '../../../packages/runtime/src/store/kept-actors.ts';
import { journalKey, snapshotKey } from '../../../packages/runtime/src/store/key-layout.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { Snapshots, stateHashOf } from '../../../packages/runtime/src/store/snapshots.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';

const ACTOR = { service: 'demo.A', key: 'k' };
const ENDED: JournalBody = { $case: 'failed', value: { code: 'INTERNAL', reason: 'TRAP', message: '', effects: [] } };
const CALLED: JournalBody = {
  $case: 'hostCall',
  value: { function: 'tuplespace-count', argumentsDigest: new Uint8Array(), reply: new Uint8Array() },
};

let store: MemoryStore;
let journal: Journal;
let snapshots: Snapshots;
let kept: KeptActors;

beforeEach(() => {
  store = new MemoryStore();
  journal = new Journal(store, 1n);
  snapshots = new Snapshots(store, 1n);
  kept = new KeptActors(store, journal, snapshots);
});

function put(...operations: StoreOperation[]): Promise<void> {
  return store.batch(operations);
}

function snapshot(sequence: bigint, state: string): StoreOperation {
  return snapshots.put(ACTOR, { sequence, clockMicros: 0n, moduleHash: '', state: Buffer.from(state) });
}

function damaged(key: string): StoreOperation {
  return { type: 'put', key, value: Uint8Array.of(1, 2, 3, 4, 5) };
}

describe('the keys of a service', () => {
  it('are those with a journal or a snapshot, each once, in the order of their bytes', async () => {
    const service = 'demo.A';
    for (const key of ['b', 'a/b', 'a', '\u{10000}', '\u{ffff}']) {
      await put(journal.record({ service, key }, 1n, 0, ENDED), journal.record({ service, key }, 2n, 0, ENDED));
    }
    await put(
      snapshots.put({ service, key: 'aa' }, { sequence: 1n, clockMicros: 0n, moduleHash: '', state: ACTOR_STATE }),
    );
    for (const other of ['demo.A.b', 'demo', 'demo.B'])
      await put(journal.record({ service: other, key: 'x' }, 1n, 0, ENDED));
    const all = ['a', 'a/b', 'aa', 'b', '\u{ffff}', '\u{10000}'];
    expect(await Array.fromAsync(kept.keys(service, undefined))).toEqual(all);
    expect(await Array.fromAsync(kept.keys(service, 'aa'))).toEqual(all.slice(3));
    expect(await Array.fromAsync(kept.keys(service, 'ab'))).toEqual(all.slice(3));
    expect(await Array.fromAsync(kept.keys('nobody', undefined))).toEqual([]);
  });

  it('are found without reading a value', async () => {
    await put(damaged(journalKey(ACTOR, 1n, 0)));
    expect(await Array.fromAsync(kept.keys(ACTOR.service, undefined))).toEqual(['k']);
  });
});

describe('where an actor stands', () => {
  it('is unknown of one that the store knows nothing of', async () => {
    expect(await kept.find(ACTOR)).toBeUndefined();
  });

  it('is the last message with an end, and the newest snapshot', async () => {
    await put(journal.record(ACTOR, 7n, 1, ENDED), snapshot(3n, 'old'), snapshot(5n, 'new'));
    const stateHash = stateHashOf(Buffer.from('new'));
    expect(await kept.find(ACTOR)).toEqual({ sequence: 7n, snapshotSequence: 5n, stateHash, error: undefined });
    await put(journal.record(ACTOR, 8n, 1, CALLED)); // interrupted
    expect(await kept.find(ACTOR)).toMatchObject({ sequence: 7n });
  });

  it("is the snapshot's where the journal was cut", async () => {
    await put(snapshot(5n, 'new'));
    expect(await kept.find(ACTOR)).toMatchObject({ sequence: 5n, snapshotSequence: 5n });
  });

  it('tells of what is damaged, and of the rest', async () => {
    await put(journal.record(ACTOR, 7n, 1, ENDED), snapshot(3n, 'old'), damaged(snapshotKey(ACTOR, 5n)));
    expect(await kept.find(ACTOR)).toMatchObject({
      sequence: 7n,
      snapshotSequence: 3n,
      error: expect.stringContaining('checksum'),
    });
    await put(damaged(journalKey(ACTOR, 8n, 0)));
    expect(await kept.find(ACTOR)).toMatchObject({ sequence: undefined, error: expect.stringContaining('checksum') });
  });
});

const ACTOR_STATE = Buffer.from('state');
