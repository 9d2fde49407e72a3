/** The one writer: group commit, order, what a failed batch does, and how much may wait. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

  it.each([
    ['a full disk', 'IO error: 000003.log: No space left on device', 'RESOURCE_EXHAUSTED', 'STORAGE_FULL'],
    ['a used quota', 'IO error: 000003.log: Disk quota exceeded', 'RESOURCE_EXHAUSTED', 'STORAGE_FULL'],
    ['a file at its limit', 'IO error: 000003.log: File too large', 'RESOURCE_EXHAUSTED', 'STORAGE_FULL'],
    ['a broken disk', 'IO error: 000003.log: Input/output error', 'UNAVAILABLE', 'STORAGE_FAILED'],
  ])('says of %s what it means, and tells who watches', async (_what, text, code, reason) => {
    store.failWith(new Error('batch', { cause: new Error(text) }));
    writer.append([put('a')]);
    await expect(writer.synced(1n)).rejects.toMatchObject({ code, reason, message: expect.stringContaining(text) });
    await expect(writer.failed).resolves.toMatchObject({ code, reason });
  });

  it('is one where the watermark cannot be written: nothing is acknowledged without it', async () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    const write = (): never => {
      throw full;
    };
    writer = new LogWriter(store, { watermark: { write } });
    writer.append([put('a')]);
    await expect(writer.synced(1n)).rejects.toMatchObject({ reason: 'STORAGE_FULL', cause: full });
  });

  it('is gone on behind only where a test asks for it', async () => {
    writer = new LogWriter(store, { unsafeGoOnAfterFailure: true });
    store.failWith(new Error('once'));
    writer.append([put('a')]);
    await expect(writer.synced(1n)).rejects.toThrow(/once/);
    store.failWith(undefined);
    writer.append([put('b')]);
    await writer.synced(2n);
    expect(await store.get('a')).toBeUndefined();
  });
});

describe('the watermark', () => {
  it('is written behind each sync and before anybody learns of it', async () => {
    const order: string[] = [];
    writer = new LogWriter(store, { startLsn: 40n, watermark: { write: (lsn) => order.push(`watermark ${lsn}`) } });
    store.hold();
    writer.append([put('a')]);
    const told = writer.synced(41n).then(() => order.push('told'));
    await store.arrived(1);
    writer.append([put('b')]);
    expect(order).toEqual([]);
    store.open();
    await told;
    await writer.synced(42n);
    expect(order).toEqual(['watermark 41', 'told', 'watermark 42']);
  });
});

describe('the mode always', () => {
  it('syncs each batch, and a close adds nothing', async () => {
    writer.append([put('a')]);
    await writer.stored(1n);
    writer.append([put('b')]);
    await writer.close();
    expect(store.syncs).toEqual([true, true]);
  });
});

describe('the mode interval', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets replies go at once, and syncs at most that long behind a batch, when nothing else comes as well', async () => {
    const watermark: bigint[] = [];
    const write = (lsn: bigint): void => void watermark.push(lsn);
    writer = new LogWriter(store, { sync: 'interval', syncIntervalMs: 50, watermark: { write } });
    store.hold();
    writer.append([put('a')]);
    await writer.synced(1n);
    store.open();
    await writer.stored(1n);
    vi.advanceTimersByTime(49);
    await nextTurn();
    expect({ syncs: store.syncs, watermark }).toEqual({ syncs: [false], watermark: [] });
    vi.advanceTimersByTime(1);
    await store.arrived(2);
    await writer.stored(writer.lsn);
    expect({ syncs: store.syncs, watermark }).toEqual({ syncs: [false, true], watermark: [2n] });
    vi.advanceTimersByTime(1000);
    await nextTurn();
    expect(store.syncs).toEqual([false, true]);
  });

  it('syncs the batch that comes along when it is time', async () => {
    writer = new LogWriter(store, { sync: 'interval', syncIntervalMs: 50 });
    writer.append([put('a')]);
    await writer.stored(1n);
    writer.append([put('b')]);
    vi.advanceTimersByTime(50);
    await writer.stored(2n);
    expect(store.syncs).toEqual([false, true]);
    expect(store.batches).toHaveLength(2);
  });

  it.each([0, 1.5, 60_001])('of %d ms is refused', (syncIntervalMs) => {
    const refused = expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^syncInterval/),
    });
    expect(() => new LogWriter(store, { sync: 'interval', syncIntervalMs })).toThrow(refused);
    expect(() => new LogWriter(store, { sync: 'never', syncIntervalMs: 50 })).toThrow(refused);
  });
});

describe('the mode never', () => {
  it('syncs when it closes, and not before', async () => {
    const watermark: bigint[] = [];
    writer = new LogWriter(store, { sync: 'never', watermark: { write: (lsn) => void watermark.push(lsn) } });
    writer.append([put('a')]);
    await writer.stored(1n);
    writer.append([put('b')]);
    await writer.stored(2n);
    expect({ syncs: store.syncs, watermark }).toEqual({ syncs: [false, false], watermark: [] });
    await writer.close();
    expect({ syncs: store.syncs, watermark }).toEqual({ syncs: [false, false, true], watermark: [3n] });
  });

  it('acknowledges nothing behind a failure', async () => {
    writer = new LogWriter(store, { sync: 'never' });
    store.failWith(new Error('no'));
    writer.append([put('a')]);
    await writer.failed;
    await expect(writer.synced(1n)).rejects.toThrow(/storage failed/);
    await writer.close();
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
