/** The tuple space of a running node, as clients see it: waits, leases, keys, subscriptions, and what outlives a restart. */
import { connect } from '@plexspaces/client';
import type { PatternInput, PlexSpacesClient, TupleInput, TupleOperations } from '@plexspaces/client';
import type { NodeOptions } from '@plexspaces/runtime';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../../../packages/runtime/src/store/store.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';
import { GatedStore } from '../../support/gated-store.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';
import { RunningNode } from './running-node.ts';

const JOB: PatternInput = ['job', { '?': 'any' }];
const LONG_MS = 30_000;

let temporary: TemporaryDirectory;
let running: RunningNode;
let client: PlexSpacesClient;
let store: GatedStore;
/** The node's own, to see who waits. */
let spaces: Spaces;

beforeEach(async () => {
  temporary = await makeTemporaryDirectory();
  await start();
});

afterEach(async () => {
  store.open();
  await stop();
  await temporary[Symbol.asyncDispose]();
});

describe.each<[way: string, of: (client: PlexSpacesClient) => TupleOperations]>([
  ['by itself', ({ tuples }) => tuples],
  ['over a stream', ({ tuples }) => tuples.stream()],
])('a waiting take, %s,', (_way, of) => {
  it('gets what another client writes, the first that waits before the second', async () => {
    const tuples = of(client);
    const first = tuples.take(JOB, { waitMs: LONG_MS });
    await isWaiting(1);
    const second = tuples.take(JOB, { waitMs: LONG_MS });
    await isWaiting(2);
    await client.tuples.write(['job', 1]);
    expect(await first).toEqual(['job', 1]);
    await tuples.write(['job', 2]);
    expect(await second).toEqual(['job', 2]);
    expect(await client.tuples.count(JOB)).toBe(0);
  });

  it('that its client cancelled, or that went with its client, takes nothing', async () => {
    const gone = await connect(running.node.addresses.grpc);
    const caller = new AbortController();
    const cancelled = of(client).take(JOB, { waitMs: LONG_MS, signal: caller.signal });
    const lost = of(gone).take(JOB, { waitMs: LONG_MS });
    await isWaiting(2);
    caller.abort();
    gone.close();
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(lost).rejects.toMatchObject({ code: 'CANCELLED' });
    await isWaiting(0);
    await client.tuples.write(['job', 1]);
    expect(await client.tuples.count(JOB)).toBe(1);
  });

  it('ends with none at its time, and is refused beyond what the node allows', async () => {
    expect(await of(client).take(JOB, { waitMs: 1 })).toBeNull();
    await expect(of(client).read(JOB, { waitMs: 60_001 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'wait_ms: expected at most 60000, found 60001',
    });
    await restart({ tupleSpaces: { maxWaitMs: 5 } });
    await expect(of(client).take(JOB, { waitMs: 6 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('is answered once the write is synced that it saw', async () => {
    const tuples = of(client);
    const taken = tuples.take(JOB, { waitMs: LONG_MS, idempotencyKey: 'k' });
    const read = tuples.read(JOB, { waitMs: LONG_MS });
    await isWaiting(2);
    store.hold();
    const answers: unknown[] = [];
    const replies = [taken, read, tuples.write(['job', 1])].map(async (reply) => answers.push(await reply));
    await store.arrived(store.batches.length + 1);
    await isWaiting(0);
    expect(answers).toEqual([]);
    store.open();
    await Promise.all(replies);
    expect(answers).toContainEqual(['job', 1]);
  });

  it('ends when the node stops, with the reason', async () => {
    const taken = of(client).take(JOB, { waitMs: LONG_MS });
    const watch = await client.tuples.watch(JOB);
    await isWaiting(1);
    const ends = Promise.allSettled([taken, Array.fromAsync(watch)]);
    const closed = running.node.close();
    const reason = { code: 'UNAVAILABLE', message: 'the node is shutting down' };
    expect(await ends).toMatchObject([{ reason }, { reason }]);
    await closed;
  });
});

describe('a lease', () => {
  it('outlives a restart, is renewed in its own space alone, and ends', async () => {
    const { lease } = await client.tuples.write(['job', 1], { ttlMs: 60_000 });
    expect((await client.tuples.write(['job', 2])).lease).toBeNull();
    await restart();
    expect(await client.tuples.renew(lease ?? 0n, 60_000, { namespace: 'other' })).toBe(false);
    expect(await client.tuples.renew(lease ?? 0n, 1)).toBe(true);
    await until(
      () => client.tuples.count(JOB),
      (count) => count === 1,
    );
    expect(await client.tuples.renew(lease ?? 0n, 60_000)).toBe(false);
    await restart();
    expect(await client.tuples.readAll(JOB)).toEqual([['job', 2]]);
  });

  it('is refused out of its range', async () => {
    for (const ttlMs of [0, 315_360_000_001]) {
      await expect(client.tuples.write(['job', 1], { ttlMs })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(client.tuples.renew(1n, ttlMs)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    expect(await client.tuples.count(JOB)).toBe(0);
  });
});

describe('a key', () => {
  it('makes a repeated take give the same tuple, also after a restart', async () => {
    for (const number of [1, 2, 3]) await client.tuples.write(['job', number]);
    const take = () => client.tuples.take(JOB, { idempotencyKey: 'k' });
    const answers = [await take(), await take()];
    await restart();
    answers.push(await take());
    expect(answers).toEqual([
      ['job', 1],
      ['job', 1],
      ['job', 1],
    ]);
    expect(await client.tuples.count(JOB)).toBe(2);
    await expect(client.tuples.take(['job', 2], { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(await client.tuples.take(JOB)).toEqual(['job', 2]); // the control: without the key
  });

  it('makes a repeated write write once, and give the same lease', async () => {
    const write = (tuple: TupleInput = ['job', 1]) =>
      client.tuples.write(tuple, { idempotencyKey: 'k', ttlMs: 60_000 });
    const first = await write();
    expect(await write()).toEqual(first);
    await restart();
    expect(await write()).toEqual(first);
    expect(await client.tuples.count(JOB)).toBe(1);
    await expect(write(['job', 2])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('that waits is joined by its repeats', async () => {
    const take = () => client.tuples.take(JOB, { idempotencyKey: 'k', waitMs: LONG_MS });
    const first = take();
    await isWaiting(1);
    const second = take();
    await client.tuples.write(['job', 1]);
    await client.tuples.write(['job', 2]);
    expect(await Promise.all([first, second])).toEqual([
      ['job', 1],
      ['job', 1],
    ]);
    expect(await client.tuples.count(JOB)).toBe(1);
  });
});

describe('a subscription', () => {
  it('brings each later write that matches, and each replacement, once it is synced', async () => {
    await client.tuples.write(['job', 0]);
    const watch = await client.tuples.watch(JOB);
    const items = watch[Symbol.asyncIterator]();
    await client.tuples.write(['other', 1]);
    await client.tuples.write(['job', 1]);
    await client.tuples.compareAndSwap(JOB, ['job', 0], ['job', 2]);
    expect([await items.next(), await items.next()].map(({ value }) => value)).toEqual([
      ['job', 1],
      ['job', 2],
    ]);
    store.hold();
    const arrived: unknown[] = [];
    const next = items.next().then(({ value }) => arrived.push(value));
    const written = client.tuples.write(['job', 3]);
    await store.arrived(store.batches.length + 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(arrived).toEqual([]);
    store.open();
    await Promise.all([next, written]);
    expect(arrived).toEqual([['job', 3]]);
    watch.close();
    expect(await items.next()).toMatchObject({ done: true });
  });

  it('of a reader that stands still ends with RESOURCE_EXHAUSTED, behind what was buffered', async () => {
    await restart({ tupleSpaces: { subscriptionBuffer: 10 } });
    const watch = await client.tuples.watch(JOB);
    const large = 'x'.repeat(100_000);
    for (let number = 0; number < 100; number += 1) {
      await client.tuples.write(['job', `${number} ${large}`]);
      await client.tuples.take(JOB);
    }
    const numbers: number[] = [];
    const reading = (async () => {
      for await (const [, text] of watch) numbers.push(Number.parseInt(JSON.stringify(text).slice(1), 10));
    })();
    await expect(reading).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(numbers.length).toBeLessThan(100);
    expect(numbers).toEqual(numbers.map((_number, place) => place));
  });

  it('past the quota is refused, and one that ended makes room', async () => {
    await restart({ tupleSpaces: { maxSubscriptions: 1 } });
    const first = await client.tuples.watch(JOB);
    await expect(client.tuples.watch(JOB)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    first.close();
    await until(
      () =>
        client.tuples.watch(JOB).then(
          () => true,
          () => false,
        ),
      (isThere) => isThere,
    );
  });
});

describe('the space as a whole', () => {
  it('reads all up to a limit of 1 to 10,000', async () => {
    for (let number = 0; number < 5; number += 1) await client.tuples.write(['job', number]);
    expect(await client.tuples.readAll(JOB, { limit: 2 })).toEqual([
      ['job', 0],
      ['job', 1],
    ]);
    expect(await client.tuples.readAll(JOB)).toHaveLength(5);
    await expect(client.tuples.readAll(JOB, { limit: 10_001 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('keeps namespaces apart, each with quotas of its own', async () => {
    await restart({ tupleSpaces: { maxTuples: 1 } });
    await client.tuples.write(['job', 1]);
    await expect(client.tuples.write(['job', 2])).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await client.tuples.write(['job', 2], { namespace: 'other' });
    expect(await client.tuples.take(JOB, { namespace: 'third' })).toBeNull();
    expect(await client.tuples.take(JOB, { namespace: 'other' })).toEqual(['job', 2]);
    await expect(client.tuples.count(JOB, { namespace: 'tenant/other' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('refuses quotas that are none', async () => {
    const own = await makeTemporaryDirectory();
    const started = RunningNode.start(own.path, { tupleSpaces: { maxWaiters: 0 } });
    await expect(started).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'maxWaiters: expected an integer of 1-1000000, found 0',
    });
    await own[Symbol.asyncDispose]();
  });
});

async function start(options: Partial<NodeOptions> = {}): Promise<void> {
  const decorateStore = (inner: Store): Store => (store = new GatedStore(inner));
  const load = vi.spyOn(Spaces, 'load');
  running = await RunningNode.start(temporary.path, { decorateStore, ...options });
  spaces = await load.mock.results[0]?.value;
  load.mockRestore();
  client = await connect(running.node.addresses.grpc);
}

function isWaiting(count: number): Promise<number> {
  return until(
    () => spaces.waiting,
    (waiting) => waiting === count,
  );
}

async function stop(): Promise<void> {
  client.close();
  await running.close();
}

async function restart(options: Partial<NodeOptions> = {}): Promise<void> {
  await stop();
  await start(options);
}
