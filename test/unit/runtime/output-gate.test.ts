/** The output gate: nothing leaves before what it may have seen is on the disk. */
import { PlexSpacesError } from '@plexspaces/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createOutputGate } from '../../../packages/runtime/src/services/output-gate.ts';
import type { OutputGate } from '../../../packages/runtime/src/services/output-gate.ts';
import { LogWriter } from '../../../packages/runtime/src/store/log-writer.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { GatedStore } from '../../support/gated-store.ts';

const PUT: StoreOperation = { type: 'put', key: 'k', value: Uint8Array.of(1) };

let store: GatedStore;
let writer: LogWriter;
let gate: OutputGate;

beforeEach(() => {
  store = new GatedStore();
  writer = new LogWriter(store);
  gate = createOutputGate(writer);
});

describe('a reply', () => {
  it('waits for the batch of what it did', async () => {
    store.hold();
    const seen = watch(gate(() => writer.append([PUT])));
    await store.arrived(1);
    await nextTurn();
    expect(seen.outcome).toBeUndefined();
    store.open();
    await seen.settled;
    expect(seen.outcome).toBe(1n);
  });

  it('waits for what others did that it may have seen, though it did nothing itself', async () => {
    store.hold();
    writer.append([PUT]);
    const seen = watch(gate(() => 'read'));
    await store.arrived(1);
    await nextTurn();
    expect(seen.outcome).toBeUndefined();
    store.open();
    await seen.settled;
    expect(seen.outcome).toBe('read');
  });

  it('does not wait where nothing is under way', async () => {
    store.hold();
    expect(await gate(() => 'read')).toBe('read');
  });

  it('waits as an error, too', async () => {
    store.hold();
    const work = (): never => {
      writer.append([PUT]);
      throw new PlexSpacesError('NOT_FOUND', 'none');
    };
    const seen = watch(gate(work));
    await store.arrived(1);
    await nextTurn();
    expect(seen.outcome).toBeUndefined();
    store.open();
    await seen.settled;
    expect(seen.outcome).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that will never be on the disk never leaves', async () => {
    store.failWith(new Error('no space'));
    await expect(gate(() => writer.append([PUT]))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/no space/),
    });
  });
});

interface Watched {
  outcome: unknown;
  readonly settled: Promise<void>;
}

function watch(reply: Promise<unknown>): Watched {
  const take = (value: unknown): void => {
    watched.outcome = value;
  };
  const watched: Watched = { outcome: undefined, settled: reply.then(take, take) };
  return watched;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
