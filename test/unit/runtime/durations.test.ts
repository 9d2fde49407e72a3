import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromDuration, toDuration } from '../../../packages/runtime/src/services/durations.ts';

const MAX_MS = 2_147_483_647;

describe('durations', () => {
  it('are the milliseconds that they were made of', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: MAX_MS - 1, noNaN: true }), (milliseconds) => {
        const duration = toDuration(milliseconds);
        expect(duration.nanos).toBeGreaterThanOrEqual(0);
        expect(duration.nanos).toBeLessThan(1_000_000_000);
        expect(fromDuration(duration, 'timeout')).toBeCloseTo(milliseconds, 5);
      }),
    );
  });

  it('are not there where there are none', () => {
    expect(fromDuration(undefined, 'timeout')).toBeUndefined();
  });

  it.each([
    [{ seconds: 0n, nanos: 0 }],
    [{ seconds: -1n, nanos: 0 }],
    [{ seconds: 1n, nanos: -2_000_000_000 }],
    [{ seconds: 2n ** 62n, nanos: 0 }],
  ])('%o is refused by the name of its field', (duration) => {
    expect(() => fromDuration(duration, 'timeout')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/^timeout: expected more than 0/),
      }),
    );
  });
});
