import { describe, expect, it } from 'vitest';
import { SingleFlight } from '../../../packages/runtime/src/components/single-flight.ts';

interface Started {
  readonly signal: AbortSignal;
  readonly finish: (value: string) => void;
}

/** Work that the test ends, and what was started of it. */
function setUp(): {
  flights: SingleFlight<string>;
  started: Started[];
  work: (signal: AbortSignal) => Promise<string>;
} {
  const started: Started[] = [];
  const work = async (signal: AbortSignal): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    started.push({ signal, finish: resolve });
    return promise;
  };
  return { flights: new SingleFlight<string>(), started, work };
}

const CANCELLED = expect.objectContaining({ code: 'CANCELLED' });

describe('SingleFlight', () => {
  it('shares the work of one key, and not of two', async () => {
    const { flights, started, work } = setUp();
    const all = [flights.run('a', work), flights.run('a', work), flights.run('b', work)];
    expect(started).toHaveLength(2);
    started[0]?.finish('A');
    started[1]?.finish('B');
    expect(await Promise.all(all)).toEqual(['A', 'A', 'B']);
  });

  it('starts anew once the work has ended, also when it failed', async () => {
    const flights = new SingleFlight<string>();
    await expect(flights.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await flights.run('a', () => Promise.resolve('yes'))).toBe('yes');
  });

  it("ends one caller's wait by that caller's abort, and leaves the others theirs", async () => {
    const { flights, started, work } = setUp();
    const leaving = new AbortController();
    const left = flights.run('a', work, leaving.signal);
    const staying = flights.run('a', work);
    leaving.abort();
    await expect(left).rejects.toEqual(CANCELLED);
    expect(started[0]?.signal.aborted).toBe(false);
    started[0]?.finish('A');
    expect(await staying).toBe('A');
  });

  it('aborts the work when the last caller leaves, and starts anew for the next', async () => {
    const { flights, started, work } = setUp();
    const leaving = new AbortController();
    const left = flights.run('a', work, leaving.signal);
    leaving.abort();
    await expect(left).rejects.toEqual(CANCELLED);
    expect(started[0]?.signal.aborted).toBe(true);
    const next = flights.run('a', work);
    started[1]?.finish('A');
    expect(await next).toBe('A');
  });

  it('starts nothing for a caller that has left already', async () => {
    const { flights, started, work } = setUp();
    await expect(flights.run('a', work, AbortSignal.abort())).rejects.toEqual(CANCELLED);
    expect(started).toHaveLength(0);
  });
});
