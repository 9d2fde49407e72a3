/** The guest's clock against a plain sum. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageClock } from '../../../packages/worker/src/message-clock.ts';

const anyStep = fc.oneof(fc.constant('read' as const), fc.bigInt({ min: -1000n, max: 1_000_000n }));

describe('the clock of a message', () => {
  it('moves by 1 µs a read and by each duration, and never goes back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 62n }), fc.array(anyStep), (start, steps) => {
        const clock = new MessageClock();
        clock.reset(start);
        let expected = start;
        for (const step of steps) {
          const moved = move(clock, step);
          expected += step === 'read' ? 1n : step > 0n ? step : 0n;
          expect([moved, clock.micros]).toEqual([expected, expected]);
        }
      }),
    );
  });

  it('does not move by itself', async () => {
    const clock = new MessageClock();
    clock.reset(5n);
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.micros).toBe(5n);
  });
});

/** What the guest is told, where it is told something. */
function move(clock: MessageClock, step: 'read' | bigint): bigint {
  if (step === 'read') return clock.read();
  clock.advance(step);
  return clock.micros;
}
