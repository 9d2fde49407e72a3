/** The one writer: group commit, order, what a failed batch does, and how much may wait. */
import { beforeEach, describe, expect, it } from 'vitest';
import { LogWriter } from '../../../packages/runtime/src/store/log-writer.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { GatedStore } from '../../support/gated-store.ts';

let store: GatedStore;
let writer: LogWriter;

beforeEach(() => {
  store = new GatedStore();
  writer = new LogWriter(store);
});

describe('group commit', () => {
  it('writes the appends of one turn in one batch, synced, in their order', async () => {
    for (let count = 0; count < 100; count += 1) writer.append([put(`${count}`), put(`${count}+`)]);
    await writer.synced(writer.lsn);
    expect(store.batches).toHaveLength(1);
    expect(keysOf(store.batches[0])).toEqual(
      Array.from({ length: 100 }, (_n, count) => [`${count}`, `${count}+`]).flat(),
    );
    expect(store.syncs).toEqual([true]);
  });

  it('gathers what comes while a sync runs for the next one, never two in flight', async () => {
    store.hold();
    writer.append([put('first')]);
    await store.arrived(1);
    for (let count = 0; count < 50; count += 1) writer.append([put(`${count}`)]);
    await nextTurn();
    expect(store.batches).toHaveLength(1);
    store.open();
    await writer.synced(writer.lsn);
    expect(store.batches.map((batch) => batch.length)).toEqual([1, 50]);
    expect(store.mostInFlight).toBe(1);
  });

  it('gives each append a number, an empty one the last', () => {
    expect(writer.lsn).toBe(0n);
    expect([writer.append([put('a')]), writer.append([]), writer.append([put('b')])]).toEqual([1n, 1n, 2n]);
    expect(writer.lsn).toBe(2n);
  });

  it('takes an append of any length', async () => {
    writer.append(Array.from({ length: 150_000 }, (_none, count) => put(`${count}`)));
    await writer.synced(writer.lsn);
    expect(store.batches[0]).toHaveLength(150_000);
  });
});

describe('synced', () => {
  it('resolves when the batch with that number is through, not before, not with the next', async () => {
    store.hold();
    const order: string[] = [];
    const first = writer.append([put('a')]);
    await store.arrived(1);
    const second = writer.append([put('b')]);
    const waits = [
      writer.synced(second).then(() => order.push('second')),
      writer.synced(first).then(() => order.push('first')),
    ];
    await nextTurn();
    expect(order).toEqual([]);
    store.step();
    await store.arrived(2);
    await nextTurn();
    expect(order).toEqual(['first']);
    store.open();
    await Promise.all(waits);
    expect(order).toEqual(['first', 'second']);
  });

  it('does not wait for what is through, or for nothing', async () => {
    await writer.synced(0n);
    writer.append([put('a')]);
    await writer.synced(1n);
    store.hold();
    writer.append([put('b')]);
    await writer.synced(1n);
    expect(await store.get('b')).toBeUndefined();
    store.open();
    await writer.close();
  });
});

describe('a failed batch', () => {
  it('fails everyone who waits, of later batches too, and refuses all that comes', async () => {
    store.hold();
    writer.append([put('a')]);
    await store.arrived(1);
    writer.append([put('b')]);
    const waits = Promise.allSettled([writer.synced(1n), writer.synced(2n)]);
    store.failWith(new Error('no space left'));
    store.open();
    const failure = { code: 'UNAVAILABLE', message: expect.stringMatching(/storage failed.*no space left/) };
    expect(await waits).toEqual([
      { status: 'rejected', reason: expect.objectContaining(failure) },
      { status: 'rejected', reason: expect.objectContaining(failure) },
    ]);
    expect(() => writer.append([put('c')])).toThrow(expect.objectContaining(failure));
    expect(() => writer.expectRoom()).toThrow(expect.objectContaining(failure));
    await expect(writer.synced(writer.lsn)).rejects.toMatchObject(failure);
    await writer.close();
    expect(store.batches).toHaveLength(1);
  });

  it('leaves what was synced before it as it is', async () => {
    writer.append([put('a')]);
    await writer.synced(1n);
    store.failWith(new Error('no'));
    writer.append([put('b')]);
    await expect(writer.synced(2n)).rejects.toThrow(/storage failed/);
    await writer.synced(1n);
  });
});

describe('room', () => {
  it('is refused while too many bytes wait, and given when they are through', async () => {
    writer = new LogWriter(store, { maxPendingBytes: 100 });
    store.hold();
    writer.append([{ type: 'put', key: 'k', value: new Uint8Array(99) }]);
    writer.expectRoom();
    writer.append([{ type: 'del', key: 'k' }]);
    expect(() => writer.expectRoom()).toThrow(
      expect.objectContaining({
        code: 'RESOURCE_EXHAUSTED',
        message: expect.stringMatching(/at most 100 .*found 101/),
      }),
    );
    store.open();
    await writer.synced(writer.lsn);
    writer.expectRoom();
  });
});

describe('closing', () => {
  it('waits for what is under way', async () => {
    store.hold();
    writer.append([put('a')]);
    let isClosed = false;
    const closed = writer.close().then(() => (isClosed = true));
    await nextTurn();
    expect(isClosed).toBe(false);
    store.open();
    await closed;
    expect(await store.get('a')).toEqual(Uint8Array.of(1));
  });
});

function put(key: string): StoreOperation {
  return { type: 'put', key, value: Uint8Array.of(1) };
}

function keysOf(batch: readonly StoreOperation[] | undefined): string[] {
  return (batch ?? []).map(({ key }) => key);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
