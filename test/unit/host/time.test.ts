/** A message's time: where it starts, how the guest sees it move, and what is real about a sleep. */
import { encodeHostReply, wallMicros } from '@plexspaces/worker';
import { describe, expect, it } from 'vitest';
import { startMessage } from '../../../packages/runtime/src/host/time.ts';
import { sleepMicros, timeImports } from '../../../packages/worker/src/host/time.ts';
import { joinedContext, START_MICROS } from '../../support/host-context.ts';

const HOUR_MS = 3_600_000n;
/** What the recorded host call took. */
const CALL_MICROS = 7n;

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
    const context = joinedContext({ answer: sleepUntil(wallMicros() + 20_000n) });
    const startedAt = performance.now();
    timeImports(context).sleepMillis(20n);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(15);
    expect(context.clock.micros).toBe(START_MICROS + 20_000n + CALL_MICROS);
  });

  it('sleeps what is left of a sleep that was recorded, never longer than it was to be', () => {
    for (const [endsInMs, leastMs, mostMs] of [
      [-3_600_000, 0, 100],
      [3_600_000, 15, 200],
    ] as const) {
      const context = joinedContext({ answer: sleepUntil(wallMicros() + BigInt(endsInMs) * 1000n) });
      const startedAt = performance.now();
      timeImports(context).sleepMillis(20n);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(leastMs);
      expect(performance.now() - startedAt).toBeLessThan(mostMs);
      expect(context.clock.micros).toBe(START_MICROS + 20_000n + CALL_MICROS);
    }
  });

  it('skips the sleep of a replayed message, and its clock cannot tell', () => {
    const answer = sleepUntil(wallMicros() + HOUR_MS * 1000n);
    const context = joinedContext({ answer, message: { replayed: true } });
    timeImports(context).sleepMillis(HOUR_MS);
    expect(context.clock.micros).toBe(START_MICROS + HOUR_MS * 1000n + CALL_MICROS);
  });

  it('bounds the longest sleep that a guest can name', () => {
    const context = joinedContext({ answer: sleepUntil(0n), message: { replayed: true } });
    timeImports(context).sleepMillis(2n ** 64n - 1n);
    expect(context.clock.micros).toBe(START_MICROS + 86_400_000_000n + CALL_MICROS);
  });

  it('records nothing of no sleep, and nothing where only logging is allowed', () => {
    sleepMicros(joinedContext(), 0n);
    const context = joinedContext({ message: { hostCalls: 'log-only' } });
    sleepMicros(context, 1000n);
    expect(context.clock.micros).toBe(START_MICROS + 1000n);
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

function sleepUntil(value: bigint): () => Uint8Array {
  return () => encodeHostReply({ ok: true, value: { type: 'u64', value }, durationMicros: Number(CALL_MICROS) });
}
