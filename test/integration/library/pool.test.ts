/**
 * The pool as a program sees it. Each promise is a check that gives facts, and is also made where what it is about is
 * switched off: there the facts must be others.
 */
import { PlexSpacesError, WASMActor, WASMSingletonActor, WASMWorkerPool } from '@plexspaces/runtime';
import type { PoolStats, PoolWorkers, ShutdownOptions } from '@plexspaces/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../../fixtures/components/wat.ts';
import { countOf, milliseconds } from '../../support/echo.ts';
import { codeOf, tally } from '../../support/outcomes.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';
import { until } from '../../support/until.ts';

const MIN = 2;
const MAX = 4;
const CALLS = 20;
const NOTHING = new Uint8Array();

let cacheDirectory: string;

beforeAll(async () => {
  cacheDirectory = await makeScratchDirectory();
});

describe('a pool of 2 to 4', () => {
  it('is warm before the first call', async () => {
    await using pool = await start({});
    expect([pool.workerCount(), pool.activeWorkers()]).toEqual([MIN, 0]);
    expect(pool.stats()).toMatchObject({
      min: MIN,
      max: MAX,
      total: MIN,
      active: 0,
      idle: MIN,
      queued: 0,
      completed: 0,
    });
  });

  it('runs 20 calls on 4 workers, and never on more; without that bound it takes more', async () => {
    const bounded = await mostAtOnce({});
    expect(bounded).toEqual({ total: MAX, active: MAX, completed: CALLS, failed: 0 });
    const unbounded = await mostAtOnce({ max: 8 });
    expect(unbounded.total).toBeGreaterThan(MAX);
  });

  it('has 16 of 20 callers wait when 4 workers are there', async () => {
    await using pool = await start({ min: MAX });
    const calls = sleeps(pool, CALLS, 20);
    expect(pool.stats()).toMatchObject({ active: MAX, queued: CALLS - MAX });
    await Promise.all(calls);
    expect(pool.stats()).toMatchObject({ active: 0, queued: 0, completed: CALLS });
  });

  it('is back at 2 when those above are idle; not before that', async () => {
    await using lasting = await start({});
    await fill(lasting);
    await using pool = await start({ idleTimeoutMs: 100 });
    await fill(pool);
    await until(
      () => pool.workerCount(),
      (total) => total === MIN,
    );
    expect(pool.stats()).toMatchObject({ idle: MIN, replaced: 0 });
    expect(lasting.workerCount()).toBe(MAX);
  });

  it('lets 10 callers go at their deadline of 100 ms while it is full; without deadlines they are served', async () => {
    const late = await whileFull({ deadline: 100 });
    expect(late).toEqual({ ends: { DEADLINE_EXCEEDED: 10 }, before: FULL, after: FULL });
    const patient = await whileFull({});
    expect(patient.ends).toEqual({ ok: 10 });
  });

  it('serves a call behind a burst of 10,000; a short queue refuses most of the burst', async () => {
    expect(await burst({ queueLimit: 10_000 })).toEqual({ burst: { ok: 10_000 }, after: { a: 1 } });
    const short = await burst({ queueLimit: 100 });
    expect(short).toEqual({ burst: { ok: MAX + 100, 'RESOURCE_EXHAUSTED QUEUE_FULL': 9_900 - MAX }, after: { a: 1 } });
  });

  it('lets calls finish that run when it is shut down, new ones are UNAVAILABLE; at deadline 0 none finishes', async () => {
    expect(await shutDownUnderLoad({})).toEqual({ running: { ok: 6 }, late: { UNAVAILABLE: 1 }, workers: 0 });
    const ended = await shutDownUnderLoad({ deadline: 0 });
    expect(ended).toEqual({ running: { UNAVAILABLE: 6 }, late: { UNAVAILABLE: 1 }, workers: 0 });
  });
});

describe('a singleton', () => {
  it('gives 100 concurrent calls the numbers 1 to 100; several instances do not', async () => {
    await using singleton = await WASMSingletonActor.start(readEcho(), { cacheDirectory });
    await using several = await WASMActor.start(readEcho(), { cacheDirectory, workers: { min: MAX, max: MAX } });
    const oneToHundred = Array.from({ length: 100 }, (_none, index) => index + 1);
    expect(await counts(singleton)).toEqual(oneToHundred);
    expect(singleton.workerCount()).toBe(1);
    expect((await counts(several)).toSorted((a, b) => a - b)).not.toEqual(oneToHundred);
  });

  it('has one worker, whatever is asked for', async () => {
    const options = { cacheDirectory, workers: { queueLimit: 10, max: 2 } };
    await expect(WASMSingletonActor.start(readEcho(), options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'workers.max: expected 1 for a singleton, found 2',
    });
  });
});

const FULL = { active: MAX, queued: 0, completed: 0, failed: 0, replaced: 0 };

function start(workers: PoolWorkers): Promise<WASMWorkerPool> {
  const all = { min: MIN, max: MAX, idleTimeoutMs: 60_000, ...workers };
  return WASMWorkerPool.start(readEcho(), { cacheDirectory, workers: all });
}

function sleeps(pool: WASMWorkerPool, calls: number, durationMs: number): Promise<unknown>[] {
  return Array.from({ length: calls }, () => pool.invoke('sleep', milliseconds(durationMs)));
}

/** Until its last worker is there. */
async function fill(pool: WASMWorkerPool): Promise<void> {
  while (pool.workerCount() < MAX) await Promise.all(sleeps(pool, CALLS, 30));
}

interface MostAtOnce extends Pick<PoolStats, 'total' | 'active' | 'completed' | 'failed'> {}

async function mostAtOnce(workers: PoolWorkers): Promise<MostAtOnce> {
  await using pool = await start(workers);
  let isDone = false;
  const calls = Promise.all(sleeps(pool, CALLS, 300)).finally(() => (isDone = true));
  const most = { total: 0, active: 0 };
  const { completed, failed } = await until(
    () => {
      most.total = Math.max(most.total, pool.workerCount());
      most.active = Math.max(most.active, pool.activeWorkers());
      return pool.stats();
    },
    () => isDone,
  );
  await calls;
  return { ...most, completed, failed };
}

interface WhileFull {
  readonly ends: object;
  readonly before: object;
  readonly after: object;
}

async function whileFull(patience: { readonly deadline?: number }): Promise<WhileFull> {
  await using pool = await start({ min: MAX });
  const busy = sleeps(pool, MAX, 1_000);
  const before = figures(pool);
  const late = Array.from({ length: 10 }, () => pool.invoke('echo', {}, patience));
  const ends = await endsOf(late);
  const after = figures(pool);
  await Promise.all(busy);
  return { ends, before, after };
}

function figures(pool: WASMWorkerPool): object {
  const { active, queued, completed, failed, replaced } = pool.stats();
  return { active, queued, completed, failed, replaced };
}

async function burst(workers: PoolWorkers): Promise<{ burst: object; after: unknown }> {
  await using pool = await start({ min: MAX, ...workers });
  const calls = Array.from({ length: 10_000 }, () => pool.invoke('echo', NOTHING));
  return { burst: await endsOf(calls), after: await pool.invoke('echo', { a: 1 }) };
}

async function shutDownUnderLoad(options: ShutdownOptions): Promise<object> {
  const pool = await start({ min: MAX });
  const running = sleeps(pool, MAX + 2, 100);
  const down = pool.shutdown(options);
  const late = pool.invoke('echo');
  const [ofRunning, ofLate] = await Promise.all([endsOf(running, codeAlone), endsOf([late], codeAlone)]);
  await down;
  return { running: ofRunning, late: ofLate, workers: pool.workerCount() };
}

async function counts(actor: WASMActor): Promise<number[]> {
  const replies = await Promise.all(Array.from({ length: 100 }, () => actor.invoke('count', NOTHING)));
  return replies.map(countOf);
}

async function endsOf(calls: readonly Promise<unknown>[], name = codeOf): Promise<Record<string, number>> {
  const ends = await Promise.allSettled(calls);
  return tally(ends.map((end) => (end.status === 'fulfilled' ? 'ok' : name(end.reason))));
}

/** How far a call had come when its thread ended is of no interest. */
function codeAlone(thrown: unknown): string {
  return PlexSpacesError.from(thrown).code;
}
