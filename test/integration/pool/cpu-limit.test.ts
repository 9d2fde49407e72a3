/** CPU time of a call: what computes too long is ended, what waits is not, and neighbours notice nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadEcho, text, milliseconds } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { outcomesOf, tally } from '../../support/outcomes.ts';
import { EchoPool } from './echo-pool.ts';

const CPU_MS = 100;

let echo: EchoComponent;

beforeAll(async () => {
  echo = await loadEcho();
});

afterAll(async () => {
  await echo[Symbol.asyncDispose]();
});

describe('limits.cpuMs', () => {
  it('ends an endless loop with its own reason, long before the deadline; the next call works', async () => {
    await using pool = await EchoPool.start(echo.component, { min: 1, max: 1, cpuMs: CPU_MS });
    const loop = pool.call({ method: 'loop', timeoutMs: 60_000 });
    const neighbour = pool.call({ payload: Buffer.from('next') });
    expect(await outcomesOf([loop, neighbour])).toEqual(['RESOURCE_EXHAUSTED CPU_LIMIT', 'ok next']);
    await expect(loop).rejects.toThrow(`limits.cpuMs, ${CPU_MS} ms`);
    expect(pool.stats).toMatchObject({ total: 1, failed: 1, replaced: 1 });
  });

  it('the control: without it the loop goes on until its deadline', async () => {
    await using pool = await EchoPool.start(echo.component, { min: 1, max: 1 });
    const loop = pool.call({ method: 'loop', timeoutMs: 4 * CPU_MS });
    expect(await outcomesOf([loop])).toEqual(['DEADLINE_EXCEEDED']);
  });

  it('does not count what a call sleeps', async () => {
    await using pool = await EchoPool.start(echo.component, { min: 1, max: 1, cpuMs: CPU_MS });
    const sleep = pool.call({ method: 'sleep', payload: milliseconds(5 * CPU_MS) });
    expect(await outcomesOf([sleep])).toEqual(['ok ']);
    expect(pool.stats).toMatchObject({ failed: 0, replaced: 0 });
  });

  it('does not add up over calls, and leaves those in other threads alone', async () => {
    await using pool = await EchoPool.start(echo.component, { min: 2, max: 2, cpuMs: CPU_MS });
    const loop = outcomesOf([pool.call({ method: 'loop', timeoutMs: 60_000 })]);
    const counted = performance.now() + 5 * CPU_MS;
    const outcomes: string[] = [];
    while (performance.now() < counted) outcomes.push(text(await pool.call({ payload: Buffer.from('fine') })));
    expect(tally(outcomes)).toEqual({ fine: outcomes.length });
    expect(await loop).toEqual(['RESOURCE_EXHAUSTED CPU_LIMIT']);
    expect(pool.stats).toMatchObject({ completed: outcomes.length, failed: 1, replaced: 1 });
  });
});
