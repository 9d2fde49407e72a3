/** The pool on real threads: how many there are, who waits, in what order, and what is left when a caller goes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedComponent } from '../../../packages/runtime/src/components/component-store.ts';
import { loadEcho, milliseconds, text } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { codeOf, outcomesOf, tally } from '../../support/outcomes.ts';
import { until } from '../../support/until.ts';
import { EchoPool, run } from './echo-pool.ts';

let echo: EchoComponent;
let component: LoadedComponent;

beforeAll(async () => {
  echo = await loadEcho();
  component = echo.component;
});

afterAll(async () => {
  await echo[Symbol.asyncDispose]();
});

describe('how many workers there are', () => {
  it('min, before the first call', async () => {
    await using pool = await EchoPool.start(component, { min: 2, max: 4 });
    expect(pool.prepared).toBe(2);
    expect(pool.stats).toEqual({
      min: 2,
      max: 4,
      total: 2,
      active: 0,
      idle: 2,
      queued: 0,
      blockedOnTuplespace: 0,
      completed: 0,
      failed: 0,
      replaced: 0,
      renewed: 0,
    });
  });

  it('never more than max, with 50 callers at once', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 3 });
    const calls = Array.from({ length: 50 }, () => pool.call({ method: 'sleep', payload: milliseconds(20) }));
    const seen = await until(
      () => pool.stats,
      ({ active }) => active === 3,
    );
    expect(seen.queued).toBeGreaterThan(0);
    expect(tally(await outcomesOf(calls))).toEqual({ 'ok ': 50 });
    expect(pool.mostTotal).toBe(3);
    expect(pool.stats).toMatchObject({ total: 3, active: 0, idle: 3, queued: 0, completed: 50, failed: 0 });
  });

  it('back to min when those above are idle long enough', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 3, idleTimeoutMs: 50 });
    const busy = await Promise.all([pool.pool.acquire(), pool.pool.acquire(), pool.pool.acquire()]);
    expect(pool.stats).toMatchObject({ total: 3, active: 3 });
    for (const worker of busy) pool.pool.release(worker, 'unused');
    expect(pool.stats).toMatchObject({ total: 3, idle: 3 });
    await until(
      () => pool.stats,
      ({ total }) => total === 1,
    );
    expect(pool.stats).toMatchObject({ idle: 1, replaced: 0 });
    expect(text(await pool.call({ payload: Buffer.from('still there') }))).toBe('still there');
  });

  it('min again after one was lost', async () => {
    await using pool = await EchoPool.start(component, { min: 2, max: 2 });
    await expect(pool.call({ method: 'trap' })).rejects.toMatchObject({ code: 'INTERNAL', reason: 'TRAP' });
    await until(
      () => pool.stats,
      ({ idle }) => idle === 2,
    );
    expect(pool.stats).toMatchObject({ total: 2, failed: 1, replaced: 1 });
  });
});

describe('who waits', () => {
  it('is served first come, first served', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 1 });
    const order: number[] = [];
    const calls = Array.from({ length: 20 }, async (_none, index) => {
      await pool.call();
      order.push(index);
    });
    await Promise.all(calls);
    expect(order).toEqual(Array.from({ length: 20 }, (_none, index) => index));
  });

  it('is one too many past the limit, which costs nobody else', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 2, queueLimit: 3 });
    const calls = Array.from({ length: 6 }, () => pool.call({ method: 'sleep', payload: milliseconds(5) }));
    expect(tally(await outcomesOf(calls))).toEqual({ 'ok ': 5, 'RESOURCE_EXHAUSTED QUEUE_FULL': 1 });
    expect(pool.stats).toMatchObject({ queued: 0, completed: 5, failed: 0 });
  });

  it('does not count whom a new worker will serve', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 3, queueLimit: 0 });
    const calls = Array.from({ length: 4 }, () => pool.call({ method: 'sleep', payload: milliseconds(5) }));
    expect(tally(await outcomesOf(calls))).toEqual({ 'ok ': 3, 'RESOURCE_EXHAUSTED QUEUE_FULL': 1 });
  });

  it('leaves nothing when it gives up', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 1 });
    const busy = await pool.pool.acquire();
    const giveUp = new AbortController();
    const first = pool.call({ payload: Buffer.from('first') });
    const gone = pool.call({ signal: giveUp.signal });
    const last = pool.call({ payload: Buffer.from('last') });
    expect(pool.stats.queued).toBe(3);
    giveUp.abort();
    expect(codeOf(await gone.catch((thrown: unknown) => thrown))).toBe('CANCELLED');
    expect(pool.stats).toMatchObject({ queued: 2, active: 1 });
    pool.pool.release(busy, 'completed');
    expect(await outcomesOf([first, last])).toEqual(['ok first', 'ok last']);
    giveUp.abort(); // behind the end it changes nothing
    expect(pool.stats).toMatchObject({ total: 1, active: 0, idle: 1, queued: 0, completed: 3, failed: 0 });
  });

  it('ends at its deadline, and the count is as before', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 1 });
    const busy = await pool.pool.acquire();
    const late = Array.from({ length: 10 }, () => pool.call({ signal: AbortSignal.timeout(10) }));
    expect(tally(await outcomesOf(late))).toEqual({ DEADLINE_EXCEEDED: 10 });
    pool.pool.release(busy, 'unused');
    expect(pool.stats).toMatchObject({ total: 1, active: 0, idle: 1, queued: 0, completed: 0, failed: 0 });
  });

  it('is refused at once when it had given up before', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 1 });
    const call = pool.call({ signal: AbortSignal.abort() });
    expect(codeOf(await call.catch((thrown: unknown) => thrown))).toBe('CANCELLED');
    expect(pool.stats).toMatchObject({ active: 0, idle: 1, completed: 0 });
  });
});

describe('a worker that does not come up', () => {
  it('keeps the pool from starting, with the reason, and no thread behind', async () => {
    const pool = EchoPool.of(component, { min: 2, max: 2 });
    pool.failure = new Error('not today');
    await expect(pool.pool.start()).rejects.toThrow('not today');
    await expect(pool.pool.acquire()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(pool.stats).toMatchObject({ total: 0, queued: 0 });
  });

  it('is told to whoever waited for it; the next caller finds another', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 2 });
    const busy = await pool.pool.acquire();
    pool.failure = new Error('not today');
    await expect(pool.call()).rejects.toThrow('not today');
    pool.failure = undefined;
    expect(text(await pool.call({ payload: Buffer.from('again') }))).toBe('again');
    pool.pool.release(busy, 'unused');
    expect(pool.stats).toMatchObject({ total: 2, idle: 2, queued: 0 });
  });
});

describe('the shutdown', () => {
  it('lets those that run and those that wait finish, and refuses new ones', async () => {
    const pool = await EchoPool.start(component, { min: 1, max: 1 });
    const calls = Array.from({ length: 3 }, () => pool.call({ method: 'sleep', payload: milliseconds(20) }));
    const down = pool.pool.shutdown({ deadlineMs: 10_000 });
    await expect(pool.call()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(tally(await outcomesOf(calls))).toEqual({ 'ok ': 3 });
    await down;
  });

  it('ends at its deadline what does not, and settles every call', async () => {
    const pool = await EchoPool.start(component, { min: 1, max: 1 });
    const outcomes = outcomesOf([pool.call({ method: 'loop' }), pool.call()]);
    await pool.pool.shutdown({ deadlineMs: 20 });
    // The first may not have come to its thread yet, on a machine that is busy; its reason says so then.
    expect(await outcomes).toEqual([expect.stringMatching(/^UNAVAILABLE( NOT_STARTED)?$/), 'UNAVAILABLE']);
    expect(pool.stats).toMatchObject({ active: 0, queued: 0 });
  });

  it('leaves out a worker that comes up while the others go', async () => {
    const pool = await EchoPool.start(component, { min: 1, max: 2 });
    const ready = Promise.withResolvers<void>();
    pool.delay = ready.promise;
    const calls = [pool.call(), pool.call()]; // the second one asks for a worker, and has the first's before it is ready
    const farewell = async (): Promise<void> => {
      ready.resolve();
      await until(
        () => pool.prepared,
        (prepared) => prepared === 2,
      );
    };
    const down = pool.pool.shutdown({ deadlineMs: 10_000, farewell });
    await Promise.all(calls);
    await down;
    expect(pool.stats).toMatchObject({ total: 0, idle: 0 });
  });

  it('says farewell to the idle ones', async () => {
    const pool = await EchoPool.start(component, { min: 2, max: 2 });
    let farewells = 0;
    const farewell = async (worker: Parameters<typeof run>[0]): Promise<void> => {
      await run(worker, {});
      farewells += 1;
    };
    await pool.pool.shutdown({ deadlineMs: 1000, farewell });
    expect(farewells).toBe(2);
  });
});
