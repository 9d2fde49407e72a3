import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ActorView } from '../../../packages/runtime/src/actors/actor-directory.ts';
import { readJournal } from '../../../packages/runtime/src/services/journal-stream.ts';
import { createOutputGate } from '../../../packages/runtime/src/services/output-gate.ts';
import { Journal } from '../../../packages/runtime/src/store/journal.ts';
import type { JournalBody } from '../../../packages/runtime/src/store/journal.ts';
import { LogWriter } from '../../../packages/runtime/src/store/log-writer.ts';
import { GatedStore } from '../../support/gated-store.ts';

const ADDRESS = { service: 'demo.A', key: 'k' };
const VIEW: ActorView = {
  address: ADDRESS,
  applicationId: 'a',
  kind: 'durable',
  status: 'passive',
  sequence: 1n,
  snapshotSequence: undefined,
  stateHash: undefined,
  replayed: undefined,
  restarts: 0,
  error: undefined,
};
const ENDED: JournalBody = { $case: 'processed', value: { outcome: { $case: 'reply', value: new Uint8Array() } } };

describe('a journal on its way out', () => {
  it('waits until what was appended before is synced', async () => {
    const store = new GatedStore();
    const writer = new LogWriter(store);
    const journal = new Journal(store, 1n);
    await writer.synced(writer.append([journal.record(ADDRESS, 1n, 0, ENDED)]));
    store.hold();
    writer.append([journal.record(ADDRESS, 2n, 0, ENDED)]);
    const directory = { get: () => Promise.resolve(VIEW) };
    const request = { id: 'demo.A/k', fromSequence: 0n, limit: 0n };
    const read = Array.fromAsync(readJournal(directory, journal, createOutputGate(writer), request));
    let isOut = false;
    void read.then(() => (isOut = true));
    await store.arrived(2);
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    expect(isOut).toBe(false);
    store.open();
    expect((await read).map(({ sequence }) => sequence)).toEqual([1n, 2n]);
  });
});
