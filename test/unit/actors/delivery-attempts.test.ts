/** When messages are handed to actors that cannot be brought to life. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryAttempts } from '../../../packages/runtime/src/actors/delivery-attempts.ts';

let waiting: number;
let isAlive: boolean;
let tries: number;
let failures: unknown[];
let attempts: DeliveryAttempts;

beforeEach(() => {
  vi.useFakeTimers();
  [waiting, isAlive, tries, failures] = [0, false, 0, []];
  attempts = new DeliveryAttempts({
    isWaiting: () => waiting > 0,
    take: () => {
      tries += 1;
      if (!isAlive) return Promise.reject(new Error('no life'));
      waiting -= 1;
      return Promise.resolve();
    },
    onFailure: (_key, thrown) => failures.push(thrown),
  });
});

afterEach(() => {
  attempts[Symbol.dispose]();
  vi.useRealTimers();
});

describe('the messages of an actor that cannot be brought to life', () => {
  it('wait together, are tried ever more seldom, and all go when it can', async () => {
    waiting = 3;
    for (let message = 0; message < 3; message += 1) await attempts.take('key');
    expect(tries).toBe(1);
    const pausesMs: number[] = [];
    for (let pause = 0; pause < 8; pause += 1) pausesMs.push(await untilNextTry());
    expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(failures).toHaveLength(9);
    isAlive = true;
    await untilNextTry();
    expect([waiting, failures.length]).toEqual([0, 9]);
  });

  it('are left to the next start when the application closes', async () => {
    waiting = 1;
    await attempts.take('key');
    attempts[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(120_000);
    await attempts.take('key');
    expect([tries, vi.getTimerCount()]).toEqual([1, 0]);
  });
});

async function untilNextTry(): Promise<number> {
  const before = tries;
  const stepMs = 1_000;
  for (let passedMs = stepMs; ; passedMs += stepMs) {
    await vi.advanceTimersByTimeAsync(stepMs);
    if (tries > before) return passedMs;
  }
}
