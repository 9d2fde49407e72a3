/** A service's pool from outside: warm from the start, never past its maximum, and late callers leave no trace. */
import { readFile } from 'node:fs/promises';
import type { PlexSpacesClient, PoolFigures } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtFixture } from '../support/built-actors.ts';
import { plexspacesJson } from '../support/command-line.ts';
import type { Daemon } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';

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

describe('a singleton', () => {
  it('gives 100 concurrent calls the numbers 1 to 100', async () => {
    const component = await readFile(await builtFixture('plain_calculator'));
    await client.deploy({ name: 'single', version: '1.0.0', component, manifest: { kind: 'singleton' } });
    const input = { operation: 'add', operands: [1] };
    const replies = await Promise.all(Array.from({ length: 100 }, () => client.invoke('single', 'calculate', input)));
    const numbers = replies.map((reply) => (reply as { total_calculations: number }).total_calculations);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });
});

function sleep(seconds: number): Promise<unknown> {
  return client.invoke('probe', 'sleep', { seconds });
}

/** The pool's figures as often as they can be asked for while `work` goes on. */
async function watch(work: Promise<unknown>): Promise<PoolFigures[]> {
  const seen: PoolFigures[] = [];
  const done = new AbortController();
  const end = (): void => done.abort();
  work.then(end, end);
  while (!done.signal.aborted) seen.push(await client.pool('probe'));
  return seen;
}

async function watchUntil(isIt: (figures: PoolFigures) => boolean): Promise<void> {
  while (!isIt(await client.pool('probe')));
}
