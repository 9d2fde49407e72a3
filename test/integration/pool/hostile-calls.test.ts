/** Guests that trap, overflow, grow and never end: each costs its own call and its own instance, nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedComponent } from '../../../packages/runtime/src/components/component-store.ts';
import { countOf, loadEcho, text } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { outcomesOf, tally } from '../../support/outcomes.ts';
import { until } from '../../support/until.ts';
import { EchoPool } from './echo-pool.ts';
import type { EchoCall } from './echo-pool.ts';

let echo: EchoComponent;
let component: LoadedComponent;

beforeAll(async () => {
  echo = await loadEcho();
  component = echo.component;
});

afterAll(async () => {
  await echo[Symbol.asyncDispose]();
});

describe('one hostile call', () => {
  it.each<[string, EchoCall, string]>([
    ['a trap', { method: 'trap' }, 'INTERNAL TRAP'],
    ['a stack overflow', { method: 'recurse' }, 'RESOURCE_EXHAUSTED STACK_OVERFLOW'],
    ['an endless loop', { method: 'loop', timeoutMs: 30 }, 'DEADLINE_EXCEEDED'],
  ])('%s ends with its reason, the instance is replaced and the next call works', async (_what, call, outcome) => {
    await using pool = await EchoPool.start(component, { min: 1, max: 1 });
    await pool.call({ method: 'count' });
    const [ended, next] = await outcomesOf([pool.call(call), pool.call({ payload: Buffer.from('next') })]);
    expect(ended).toBe(outcome);
    expect(next).toBe('ok next');
    expect(pool.stats).toMatchObject({ total: 1, idle: 1, completed: 2, failed: 1, replaced: 1 });
    // A fresh instance, not the spent one: its counter starts again.
    expect(countOf(await pool.call({ method: 'count' }))).toBe(1);
  });

  it('the guest saying no costs nothing: the instance counts on', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 1 });
    await pool.call({ method: 'count' });
    const no = pool.call({ method: 'fail', payload: Buffer.from('thanks') });
    await expect(no).rejects.toMatchObject({ code: 'EXECUTION_ERROR', message: 'no: thanks' });
    expect(countOf(await pool.call({ method: 'count' }))).toBe(2);
    expect(pool.stats).toMatchObject({ completed: 3, failed: 0, replaced: 0 });
  });

  it('growing without end ends at the memory limit, within the instance', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 1 });
    const pages = countOf(await pool.call({ method: 'grow' }));
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThanOrEqual(64);
    expect(pool.stats).toMatchObject({ failed: 0, replaced: 0 });
  });

  it('a worker is given back once', async () => {
    await using pool = await EchoPool.start(component, { min: 1, max: 1 });
    const worker = await pool.pool.acquire();
    pool.pool.release(worker, 'unused');
    expect(() => pool.pool.release(worker, 'unused')).toThrow(/not acquired/);
    expect(text(await pool.call({ payload: Buffer.from('x') }))).toBe('x');
  });
});

describe('200 mixed calls', () => {
  it('all settle as what they were, and the counts come out even', async () => {
    await using pool = await EchoPool.start(component, { min: 2, max: 3 });
    const cancelled = new AbortController();
    const calls = Array.from({ length: 200 }, (_none, index) => pool.call(mixed(index, cancelled.signal)));
    cancelled.abort();
    const counts = tally(await outcomesOf(calls));
    expect(counts).toEqual({ 'ok fine': 160, 'INTERNAL TRAP': 10, DEADLINE_EXCEEDED: 10, CANCELLED: 20 });
    await until(
      () => pool.stats,
      ({ idle, active }) => idle >= 2 && active === 0,
    );
    expect(pool.stats).toMatchObject({ queued: 0, active: 0, completed: 160, failed: 20, replaced: 20 });
    expect(pool.mostTotal).toBeLessThanOrEqual(3);
    expect(text(await pool.call({ payload: Buffer.from('after') }))).toBe('after');
  });
});

/** Of twenty: one traps, one loops, two are cancelled while they wait, sixteen are fine. */
function mixed(index: number, signal: AbortSignal): EchoCall {
  switch (index % 20) {
    case 3:
      return { method: 'trap' };
    case 7:
      return { method: 'loop', timeoutMs: 15 };
    case 13:
    case 17:
      return { signal };
    default:
      return { payload: Buffer.from('fine') };
  }
}
