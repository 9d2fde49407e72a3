/** A service's pool from outside: warm from the start, never past its maximum, and late callers leave no trace. */
import { readFile } from 'node:fs/promises';
import type { ApplicationManifest, PlexSpacesClient, PoolFigures } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../fixtures/components/wat.ts';
import { countOf, milliseconds } from '../support/echo.ts';
import { builtFixture } from '../support/built-actors.ts';
import { plexspacesJson } from '../support/command-line.ts';
import type { Daemon, Exit } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { codeOf, tally } from '../support/outcomes.ts';

const MIN = 2;
const MAX = 4;
const QUEUE_LIMIT = 50;
const SECONDS = 0.2;

let daemon: Daemon;
let client: PlexSpacesClient;
const pool = async (): Promise<PoolFigures> =>
  (await plexspacesJson(['pool', 'probe'], { node: daemon.grpc })) as PoolFigures;

beforeAll(async () => {
  daemon = await startFreshDaemon();
  client = await daemon.connect();
  const component = await readFile(await builtFixture('probe'));
  const manifest = { kind: 'service', workers: { min: MIN, max: MAX, queueLimit: QUEUE_LIMIT } } as const;
  await client.deploy({ name: 'probe', version: '1.0.0', component, manifest });
});

afterAll(async () => {
  client.close();
  await daemon.kill();
});

describe('a pool of 2 to 4', () => {
  it('is warm right after the deploy', async () => {
    await expect(pool()).resolves.toMatchObject({ min: MIN, max: MAX, total: MIN, active: 0, idle: MIN, queued: 0 });
  });

  it('runs 20 calls at once on 4 workers, never on more', async () => {
    const calls = Promise.all(Array.from({ length: 20 }, () => sleep(SECONDS)));
    const seen = await watch(calls);
    await expect(calls).resolves.toHaveLength(20);
    expect(Math.max(...seen.map(({ active }) => active))).toBe(MAX);
    expect(Math.max(...seen.map(({ total }) => total))).toBe(MAX);
    expect(Math.max(...seen.map(({ queued }) => queued))).toBeGreaterThan(MAX);
    await expect(pool()).resolves.toMatchObject({ total: MAX, active: 0, queued: 0, completed: 20, failed: 0 });
  });

  it('lets callers past their deadline go, and counts nothing of them', async () => {
    const busy = Promise.all(Array.from({ length: MAX }, () => sleep(1)));
    await watchUntil(({ active }) => active === MAX);
    const startedAt = performance.now();
    const late = Array.from({ length: 10 }, () => client.call('probe', 'echo', {}, { deadlineMs: 100 }));
    const ends = await Promise.allSettled(late);
    expect(performance.now() - startedAt).toBeLessThan(900);
    for (const end of ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'DEADLINE_EXCEEDED' } });
    await busy;
    await expect(pool()).resolves.toMatchObject({
      total: MAX,
      active: 0,
      queued: 0,
      completed: 24,
      failed: 0,
      replaced: 0,
    });
  });

  it('refuses callers past the limit of its queue, and serves the next one', async () => {
    const calls = Array.from({ length: MAX + QUEUE_LIMIT + 20 }, () => sleep(0.05));
    const ends = await Promise.allSettled(calls);
    const refused = ends.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(20);
    for (const end of refused)
      expect(end).toMatchObject({ reason: { code: 'RESOURCE_EXHAUSTED', reason: 'QUEUE_FULL' } });
    await expect(client.invoke('probe', 'echo', { value: 1 })).resolves.toMatchObject({ value: 1 });
  });
});

describe('pools of a component that costs little', () => {
  it('has 16 of 20 callers wait when its 4 workers are there', async () => {
    await deployEcho('warm', { workers: { min: MAX, max: MAX } });
    const calls = Promise.all(Array.from({ length: 20 }, () => client.invoke('warm', 'sleep', milliseconds(500))));
    const seen = await watch(calls, 'warm');
    await calls;
    expect(Math.max(...seen.map(({ queued }) => queued))).toBe(20 - MAX);
    expect(Math.max(...seen.map(({ active }) => active))).toBe(MAX);
  });

  it('goes past 4 where its maximum is 8: the bound is what keeps others at theirs', async () => {
    await deployEcho('wide', { workers: { min: MIN, max: 8 } });
    const calls = Promise.all(Array.from({ length: 20 }, () => client.invoke('wide', 'sleep', milliseconds(300))));
    const seen = await watch(calls, 'wide');
    expect(Math.max(...seen.map(({ total }) => total))).toBeGreaterThan(MAX);
  });

  it('is back at its minimum when it has been idle', async () => {
    await deployEcho('brief', { workers: { min: MIN, max: MAX, idleTimeoutMs: 200 } });
    do await Promise.all(Array.from({ length: 20 }, () => client.invoke('brief', 'sleep', milliseconds(50))));
    while ((await client.pool('brief')).total < MAX);
    await watchUntil(({ total }) => total === MIN, 'brief');
    await expect(client.pool('brief')).resolves.toMatchObject({ idle: MIN, active: 0, queued: 0, replaced: 0 });
  });

  it('serves a call behind a burst of 10,000; a short queue refuses most of the burst', async () => {
    const workers = { min: MAX, max: MAX };
    await deployEcho('patient', { workers: { ...workers, queueLimit: 10_000 } });
    expect(await burst('patient', 10_000)).toEqual({ ok: 10_000 });
    await expect(client.invoke('patient', 'echo', { a: 1 })).resolves.toEqual({ a: 1 });
    await deployEcho('curt', { workers: { ...workers, queueLimit: 0 } });
    const ends = await burst('curt', 500);
    expect(ends['RESOURCE_EXHAUSTED QUEUE_FULL']).toBeGreaterThan(0);
    await expect(client.invoke('curt', 'echo', { a: 1 })).resolves.toEqual({ a: 1 });
  });
});

describe('a singleton', () => {
  it('gives 100 concurrent calls the numbers 1 to 100; several instances do not', async () => {
    const component = await readFile(await builtFixture('plain_calculator'));
    await client.deploy({ name: 'single', version: '1.0.0', component, manifest: { kind: 'singleton' } });
    const input = { operation: 'add', operands: [1] };
    const replies = await Promise.all(Array.from({ length: 100 }, () => client.invoke('single', 'calculate', input)));
    const numbers = replies.map((reply) => (reply as { total_calculations: number }).total_calculations);
    const oneToHundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(oneToHundred);
    await deployEcho('several', { workers: { min: 2, max: 2 } });
    const counts = await Promise.all(Array.from({ length: 100 }, () => client.call('several', 'count')));
    expect(counts.map(({ bytes }) => countOf(bytes)).toSorted((a, b) => a - b)).not.toEqual(oneToHundred);
  });

  it('works by itself: a message at each interval, and no client', async () => {
    const every = [{ intervalMs: 20, messageType: 'write', payload: 'polled' }];
    await deployEcho('poller', { kind: 'singleton', namespace: 'polls', every });
    for (let tick = 0; tick < 5; tick += 1) {
      const tuple = await client.tuples.take(['echo', { '?': 'any' }], { namespace: 'polls', waitMs: 20_000 });
      expect(tuple).toEqual(['echo', { bytes: Buffer.from('"polled"').toString('base64') }]);
    }
    await expect(client.pool('poller')).resolves.toMatchObject({ total: 1, queued: 0 });
  });
});

describe('the node under load', () => {
  it('lets the calls finish that run when it is told to stop, takes no new ones, and exits with 0', async () => {
    const ended = await endUnderLoad((node) => node.signal('SIGTERM'));
    expect(ended).toMatchObject({ running: Array(MAX + 2).fill('ok'), exit: { code: 0, signal: null } });
    expect(ended.late).toMatch(/^UNAVAILABLE/);
  });

  it('loses them where it is killed', async () => {
    const { running, exit } = await endUnderLoad((node) => node.signal('SIGKILL'));
    expect(running).not.toContain('ok');
    expect(exit).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

function sleep(seconds: number): Promise<unknown> {
  return client.invoke('probe', 'sleep', { seconds });
}

async function deployEcho(name: string, manifest: ApplicationManifest): Promise<void> {
  await client.deploy({ name, version: '1.0.0', component: readEcho(), manifest: { kind: 'service', ...manifest } });
}

async function burst(name: string, length: number): Promise<Record<string, number>> {
  const calls = Array.from({ length }, () => client.invoke(name, 'echo', {}, { deadlineMs: 150_000 }));
  return tally(await endsOf(calls));
}

/** Four calls run and two wait when it ends; another one comes when it is known to be ending. */
async function endUnderLoad(end: (node: Daemon) => void): Promise<{ running: string[]; late: string; exit: Exit }> {
  await using node = await startFreshDaemon();
  const caller = await node.connect();
  const workers = { min: MAX, max: MAX };
  await caller.deploy({ name: 'e', version: '1', component: readEcho(), manifest: { kind: 'service', workers } });
  const running = endsOf(Array.from({ length: MAX + 2 }, () => caller.invoke('e', 'sleep', milliseconds(1_000))));
  while ((await caller.pool('e')).queued < 2);
  end(node);
  const late = await firstRefusal(caller);
  const facts = { running: await running, late, exit: await node.exited };
  caller.close();
  return facts;
}

/** Calls until the node takes no more: a signal says nothing of when it arrives. */
async function firstRefusal(caller: PlexSpacesClient): Promise<string> {
  for (;;) {
    const [end = ''] = await endsOf([caller.invoke('e', 'echo', {}, { deadlineMs: 50 })]);
    if (end !== 'ok' && !end.startsWith('DEADLINE_EXCEEDED')) return end;
  }
}

async function endsOf(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const ends = await Promise.allSettled(calls);
  return ends.map((end) => (end.status === 'fulfilled' ? 'ok' : codeOf(end.reason)));
}

/** The pool's figures as often as they can be asked for while `work` goes on. */
async function watch(work: Promise<unknown>, name = 'probe'): Promise<PoolFigures[]> {
  const seen: PoolFigures[] = [];
  const done = new AbortController();
  const end = (): void => done.abort();
  work.then(end, end);
  while (!done.signal.aborted) seen.push(await client.pool(name));
  return seen;
}

async function watchUntil(isIt: (figures: PoolFigures) => boolean, name = 'probe'): Promise<void> {
  while (!isIt(await client.pool(name)));
}
