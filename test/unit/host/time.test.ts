/** A message's time: where it starts, how the guest sees it move, and what is real about a sleep. */
import { describe, expect, it } from 'vitest';
import { startMessage } from '../../../packages/runtime/src/host/time.ts';
import { sleepMicros, timeImports } from '../../../packages/worker/src/host/time.ts';
import { joinedContext, START_MICROS } from '../../support/host-context.ts';

const HOUR_MS = 3_600_000n;

describe('the thread half', () => {
  it('starts where the message starts and moves with every read', () => {
    const context = joinedContext();
    const host = timeImports(context);
    expect(host.nowMillis()).toBe(START_MICROS / 1000n);
    expect(context.clock.micros).toBe(START_MICROS + 1n);
    host.nowMillis();
    expect(context.clock.micros).toBe(START_MICROS + 2n);
  });

  it('ends a loop that waits for a time', () => {
    const host = timeImports(joinedContext());
    const end = host.nowMillis() + 3n;
    let reads = 0;
    while (host.nowMillis() < end) reads += 1;
    expect(reads).toBeLessThan(5000);
  });

  it('sleeps in earnest when live', () => {
    const context = joinedContext();
    const startedAt = performance.now();
    timeImports(context).sleepMillis(20n);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
    expect(context.clock.micros).toBe(START_MICROS + 20_000n);
  });

  it('skips the sleep of a replayed message, and its clock cannot tell', () => {
    const context = joinedContext({ message: { replayed: true } });
    timeImports(context).sleepMillis(HOUR_MS);
    expect(context.clock.micros).toBe(START_MICROS + HOUR_MS * 1000n);
  });

  it('bounds the longest sleep that a guest can name', () => {
    const context = joinedContext({ message: { replayed: true } });
    timeImports(context).sleepMillis(2n ** 64n - 1n);
    expect(context.clock.micros).toBe(START_MICROS + 86_400_000_000n);
    sleepMicros(context, 1n);
    expect(context.clock.micros).toBe(START_MICROS + 86_400_000_001n);
  });
});

describe('the main half', () => {
  it("starts a first message at the machine's time", () => {
    const before = BigInt(Date.now() - 1000) * 1000n;
    const { startMicros } = startMessage(0n);
    expect(startMicros).toBeGreaterThan(before);
    expect(startMicros).toBeLessThan(BigInt(Date.now() + 1000) * 1000n);
  });

  it("goes on behind the last message when the machine's clock was set back", () => {
    const future = BigInt(Date.now() + 3_600_000) * 1000n;
    expect(startMessage(future).startMicros).toBe(future + 1n);
  });

  it('gives each message a seed of its own', () => {
    const seeds = Array.from({ length: 100 }, () => Buffer.from(startMessage(0n).seed).toString('hex'));
    expect(seeds.every((seed) => seed.length === 64)).toBe(true);
    expect(new Set(seeds).size).toBe(100);
  });
});
