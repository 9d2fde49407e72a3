/** The closed and the open loop, the counter whose answers are looked at, and the command line. */
import { describe, expect, it } from 'vitest';
import { closedLoop } from '../../../bench/support/closed-loop.ts';
import { Counter } from '../../../bench/support/counter.ts';
import { openLoop } from '../../../bench/support/open-loop.ts';
import { parseOptions } from '../../../bench/support/options.ts';

/** Ends a turn of the event loop, so that a loop of it lets timers and other callers run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('closedLoop', () => {
  it('keeps as many calls in flight as were asked for, and no more', async () => {
    const callers = new Set<number>();
    let inFlight = 0;
    let most = 0;
    const call = async (caller: number): Promise<void> => {
      callers.add(caller);
      inFlight += 1;
      most = Math.max(most, inFlight);
      await turn();
      inFlight -= 1;
    };
    const { value, details } = await closedLoop({ inFlight: 3, durationMs: 20 }, call);
    expect({ most, callers: [...callers] }).toEqual({ most: 3, callers: [0, 1, 2] });
    expect(value).toBeGreaterThan(0);
    expect(details?.['p99Ms']).toBeGreaterThanOrEqual(details?.['p50Ms'] ?? Number.NaN);
  });

  it('fails where a call fails', async () => {
    const call = async (): Promise<void> => {
      await turn();
      throw new Error('wrong answer');
    };
    await expect(closedLoop({ inFlight: 1, durationMs: 1000 }, call)).rejects.toThrow('wrong answer');
  });
});

describe('openLoop', () => {
  it('sends as many as are due, whether those before them are answered or not', async () => {
    const first = Promise.withResolvers<void>();
    const callers: number[] = [];
    const call = async (caller: number): Promise<void> => {
      callers.push(caller);
      if (callers.length === 100) first.resolve(); // 25 to warm up, and then the last of those that are measured
      await first.promise;
    };
    const unblocked = setTimeout(() => first.resolve(), 20); // what warms up is waited for
    const { value } = await openLoop({ perSecond: 1_000, durationMs: 100 }, call);
    clearTimeout(unblocked);
    expect(callers).toHaveLength(125);
    expect(value).toBeGreaterThan(0);
  });

  it('counts the time from which a call was due, not from which it was sent', async () => {
    let calls = 0;
    const call = async (): Promise<void> => {
      calls += 1;
      if (calls === 6) for (const until = performance.now() + 60; performance.now() < until;); // nobody can send now
    };
    const { details } = await openLoop({ perSecond: 200, durationMs: 100 }, call);
    expect(calls).toBe(25);
    expect(details?.['p99Ms']).toBeGreaterThan(50);
    expect(details?.['p50Ms']).toBeGreaterThan(5);
  });

  it('fails where a call fails', async () => {
    const call = async (): Promise<void> => Promise.reject(new Error('wrong answer'));
    await expect(openLoop({ perSecond: 1_000, durationMs: 20 }, call)).rejects.toThrow('wrong answer');
  });
});

describe('Counter', () => {
  /** Counts for all keys; `skipped` of its calls are forgotten. */
  function countingActors(skipped = 0): Counter {
    const counts = new Map<string, number>();
    let left = skipped;
    return new Counter(async (key) => {
      left -= 1;
      const count = (counts.get(key) ?? 0) + (left >= 0 ? 0 : 1);
      counts.set(key, count);
      return new Uint8Array(Uint32Array.of(count).buffer);
    });
  }

  it('accepts actors that count each call once', async () => {
    const counter = countingActors();
    for (const key of ['a', 'b', 'a']) await counter.count(key);
    expect(() => counter.expectExact()).not.toThrow();
  });

  it('refuses an actor that lost a call', async () => {
    const counter = countingActors(1);
    for (const key of ['a', 'a', 'a']) await counter.count(key);
    expect(() => counter.expectExact()).toThrow('a: expected a count of 3, found 2');
  });
});

describe('parseOptions', () => {
  const names = ['disk', 'grpc'];

  it('takes names and flags in any order', () => {
    const options = parseOptions(['--quick', 'grpc', '--residents', '4', '--json'], names);
    expect(options).toMatchObject({ names: ['grpc'], isQuick: true, asJson: true, layout: { residentActors: 4 } });
  });

  it.each([
    [['disk', 'tape'], 'tape'],
    [['--rounds', '0'], '--rounds'],
    [['--workers', 'two'], '--workers'],
    [['--fast'], '--fast'],
  ])('refuses %j by name', (args, found) => {
    expect(() => parseOptions(args, names)).toThrow(found);
  });
});
