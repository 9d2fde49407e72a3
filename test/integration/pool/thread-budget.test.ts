/** Pools that share the threads of a node: a full queue takes no more than its share, and nobody is stuck. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ThreadBudget } from '../../../packages/runtime/src/pool/thread-budget.ts';
import type { WASMWorker } from '../../../packages/runtime/src/pool/wasm-worker.ts';
import { loadEcho, milliseconds } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { outcomesOf, tally } from '../../support/outcomes.ts';
import { EchoPool } from './echo-pool.ts';

const SHORT = { method: 'sleep', payload: milliseconds(10) };
const FLOOD = 60;

let echo: EchoComponent;

beforeAll(async () => {
  echo = await loadEcho();
});

afterAll(async () => {
  await echo[Symbol.asyncDispose]();
});

describe('an application with a full queue', () => {
  it('grows to what the node has, and no further', async () => {
    const threadBudget = new ThreadBudget({ limit: 3 });
    await using busy = await EchoPool.start(echo.component, { min: 1, max: 4, threadBudget });
    await using quiet = await EchoPool.start(echo.component, { min: 1, max: 4, threadBudget });
    await hold(busy, 2);
    const queue = flood(busy);
    expect(busy.stats).toMatchObject({ total: 2, queued: FLOOD }); // the third is reserved
    expect(quiet.stats).toMatchObject({ total: 1 });
    expect([threadBudget.used, threadBudget.waiting]).toEqual([3, 1]);
    await busy[Symbol.asyncDispose]();
    expect(await queue).toEqual({ UNAVAILABLE: FLOOD });
    expect([threadBudget.used, threadBudget.waiting]).toEqual([1, 0]);
  });

  it('does not hold up the single calls of another one', async () => {
    const threadBudget = new ThreadBudget({ limit: 2 });
    await using busy = await EchoPool.start(echo.component, { min: 1, max: 4, threadBudget });
    await using quiet = await EchoPool.start(echo.component, { min: 1, max: 4, threadBudget });
    expect(await endedOfFlood(busy, quiet)).toBeLessThan(FLOOD / 2);
  });

  it('the control: in one pool a single call waits for the queue', async () => {
    await using busy = await EchoPool.start(echo.component, { min: 2, max: 2 });
    expect(await endedOfFlood(busy, busy)).toBe(FLOOD);
  });

  it('gives threads back as its calls end, until both have as many', async () => {
    const threadBudget = new ThreadBudget({ limit: 6, turnMs: Infinity });
    await using first = await EchoPool.start(echo.component, { min: 1, max: 5, threadBudget });
    await using second = await EchoPool.start(echo.component, { min: 1, max: 5, threadBudget });
    const held = await hold(first, 5);
    const queue = flood(first);
    const wanted = Array.from({ length: 5 }, () => second.pool.acquire());
    await wanted[0];
    for (const worker of held.slice(0, 2)) first.pool.release(worker, 'unused');
    await Promise.all(wanted.slice(0, 3));
    for (const worker of held.slice(2)) first.pool.release(worker, 'unused');
    expect(await queue).toEqual({ 'ok ': FLOOD });
    // Nobody waits there any more, so that its spare threads may go.
    for (const worker of await Promise.all(wanted)) second.pool.release(worker, 'unused');
    expect(first.stats.total + second.stats.total).toBeLessThanOrEqual(6);
    expect(second.stats.total).toBe(5);
  });

  it('gives one back after its turn where both have as many, but for that one', async () => {
    const threadBudget = new ThreadBudget({ limit: 3, turnMs: 0 });
    await using first = await EchoPool.start(echo.component, { min: 1, max: 2, threadBudget });
    await using second = await EchoPool.start(echo.component, { min: 1, max: 2, threadBudget });
    const [one] = await hold(first, 2);
    const queue = flood(first);
    const wanted = Promise.all([second.pool.acquire(), second.pool.acquire()]);
    if (one !== undefined) first.pool.release(one, 'unused');
    for (const worker of await wanted) second.pool.release(worker, 'unused');
    expect(first.stats).toMatchObject({ total: 1, queued: FLOOD });
    await first[Symbol.asyncDispose]();
    expect(await queue).toEqual({ UNAVAILABLE: FLOOD });
  });

  it('the control: without such a limit both grow to their max', async () => {
    const threadBudget = new ThreadBudget({ limit: 64 });
    await using first = await EchoPool.start(echo.component, { min: 1, max: 3, threadBudget });
    await using second = await EchoPool.start(echo.component, { min: 1, max: 3, threadBudget });
    await Promise.all([hold(first, 3), hold(second, 3)]);
    expect([first.stats.total, second.stats.total]).toEqual([3, 3]);
  });
});

describe('threads that nobody needs', () => {
  it('end at once when another application can use them', async () => {
    const threadBudget = new ThreadBudget({ limit: 5 });
    await using idle = await EchoPool.start(echo.component, { min: 1, max: 4, threadBudget });
    await using other = await EchoPool.start(echo.component, { min: 1, max: 4, threadBudget });
    for (const worker of await hold(idle, 4)) idle.pool.release(worker, 'unused');
    expect(idle.stats).toMatchObject({ total: 4, idle: 4 });
    await hold(other, 4);
    expect(other.stats).toMatchObject({ total: 4 });
    expect(idle.stats).toMatchObject({ total: 1, replaced: 0 });
  });
});

describe('the least number of workers', () => {
  it('must fit; what a pool had is free when it is closed', async () => {
    const threadBudget = new ThreadBudget({ limit: 3 });
    const first = await EchoPool.start(echo.component, { min: 2, max: 2, threadBudget });
    expect(() => EchoPool.of(echo.component, { min: 2, max: 2, threadBudget })).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', reason: 'THREADS' }),
    );
    expect(threadBudget.used).toBe(2);
    await first[Symbol.asyncDispose]();
    await using second = await EchoPool.start(echo.component, { min: 3, max: 3, threadBudget });
    expect(second.stats).toMatchObject({ total: 3 });
  });

  it('is there at once for who comes when all are lent, and given back by who was lent them', async () => {
    const threadBudget = new ThreadBudget({ limit: 3 });
    await using busy = await EchoPool.start(echo.component, { min: 1, max: 3, threadBudget });
    const held = await hold(busy, 3);
    const queue = flood(busy);
    await using late = await EchoPool.start(echo.component, { min: 2, max: 2, threadBudget });
    expect(await outcomesOf([late.call(SHORT)])).toEqual(['ok ']);
    expect(threadBudget.used).toBe(5);
    for (const worker of held) busy.pool.release(worker, 'unused');
    expect(busy.stats).toMatchObject({ active: 1, idle: 0 });
    expect(await queue).toEqual({ 'ok ': FLOOD });
    expect(busy.stats).toMatchObject({ total: 1 });
    expect(threadBudget.used).toBe(3);
  });
});

function hold(pool: EchoPool, workers: number): Promise<WASMWorker[]> {
  return Promise.all(Array.from({ length: workers }, () => pool.pool.acquire()));
}

/** As many calls at once, tallied when all have ended. */
async function flood(pool: EchoPool): Promise<Record<string, number>> {
  return tally(await outcomesOf(Array.from({ length: FLOOD }, () => pool.call(SHORT))));
}

/** How many of a flood of calls had ended when one call, which came behind them, had. */
async function endedOfFlood(busy: EchoPool, quiet: EchoPool): Promise<number> {
  const queue = flood(busy);
  await quiet.call(SHORT);
  const { completed } = busy.stats;
  expect(await queue).toEqual({ 'ok ': FLOOD });
  return Math.min(completed, FLOOD);
}
