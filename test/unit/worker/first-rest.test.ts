/** A thread gives back what loading left behind: once, when it has nothing to do, and not before. */
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FirstRest } from '../../../packages/worker/src/first-rest.ts';

const REST_MS = 100;

describe('the first rest', () => {
  const collect = vi.fn<() => Promise<void>>(async () => undefined);
  let rest: FirstRest;

  beforeEach(() => {
    vi.useFakeTimers();
    collect.mockClear();
    rest = new FirstRest({ collect, restMs: REST_MS });
  });

  afterEach(() => {
    rest.cancel();
    vi.useRealTimers();
  });

  it('is once, however long the thread is idle', () => {
    rest.await();
    vi.advanceTimersByTime(REST_MS - 1);
    expect(collect).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100 * REST_MS);
    expect(collect).toHaveBeenCalledTimes(1);
  });

  it('waits for the end of calls that follow each other', () => {
    rest.await();
    for (let call = 0; call < 50; call += 1) {
      rest.stir();
      vi.advanceTimersByTime(REST_MS / 2);
    }
    expect(collect).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2 * REST_MS);
    expect(collect).toHaveBeenCalledTimes(1);
  });

  it('comes again behind the next loading', () => {
    rest.await();
    vi.advanceTimersByTime(REST_MS);
    rest.await();
    rest.await();
    vi.advanceTimersByTime(10 * REST_MS);
    expect(collect).toHaveBeenCalledTimes(2);
  });

  it('does not come where nothing was loaded, or the session ended', () => {
    rest.stir();
    vi.advanceTimersByTime(10 * REST_MS);
    rest.await();
    rest.cancel();
    vi.advanceTimersByTime(10 * REST_MS);
    expect(collect).not.toHaveBeenCalled();
  });

  it('is no error of the thread where it fails, which would end it', async () => {
    const unhandled = vi.fn<(reason: unknown) => void>();
    process.once('unhandledRejection', unhandled);
    const fail = (): Promise<void> => Promise.reject(new Error('no inspector'));
    new FirstRest({ collect: fail, restMs: REST_MS }).await();
    vi.advanceTimersByTime(REST_MS);
    await setImmediate(); // Node tells of rejections behind the work that made them
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('what is collected', () => {
  it('is what nothing holds any more', async () => {
    const garbage = unheld();
    const rest = new FirstRest({ restMs: 1 });
    rest.await();
    // Not the object itself: what an assertion is about is held.
    await expect.poll(() => garbage.deref() === undefined, { timeout: 5_000, interval: 10 }).toBe(true);
  });

  it('the control: what a rest without a collection leaves', async () => {
    const garbage = unheld();
    const rested = Promise.withResolvers<void>();
    new FirstRest({ restMs: 1, collect: async () => rested.resolve() }).await();
    await rested.promise;
    expect(garbage.deref()).toBeDefined();
  });
});

/** Only a collection of the whole heap takes what a WeakRef refers to. */
function unheld(): WeakRef<object> {
  return new WeakRef({});
}
