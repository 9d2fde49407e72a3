/** Deadlines and signals of programs, as errors of the closed set. */
import { describe, expect, it } from 'vitest';
import { millisecondsUntil, withPatience } from '../../../packages/runtime/src/library/patience.ts';
import { codeOf } from '../../support/outcomes.ts';

describe('a deadline', () => {
  it('is milliseconds from now, or a moment', () => {
    expect(millisecondsUntil(250)).toBe(250);
    expect(millisecondsUntil(0)).toBe(0);
    const left = millisecondsUntil(new Date(Date.now() + 60_000));
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
    expect(millisecondsUntil(new Date(0))).toBe(0);
  });

  it.each([[-1], [Number.NaN], [Infinity], [Date.now()], [new Date(Number.NaN)]])('is not %s', (deadline) => {
    expect(() => millisecondsUntil(deadline)).toThrow(/^deadline: expected a Date or 0 to 86400000 ms from now, found/);
  });

  it('is refused before anything runs', async () => {
    let ran = false;
    const run = async (): Promise<void> => void (ran = true);
    await expect(withPatience({ deadline: -1 }, run)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(ran).toBe(false);
  });
});

describe('a signal', () => {
  it.each([
    ['a word', 'no longer', 'CANCELLED'],
    ['an error', new TypeError('x'), 'CANCELLED'],
    ['nothing', undefined, 'CANCELLED'],
    ['a timeout', new DOMException('late', 'TimeoutError'), 'DEADLINE_EXCEEDED'],
  ])('that was fired with %s is %s: %s', async (_what, reason, code) => {
    const fired = withPatience({ signal: AbortSignal.abort(reason) }, async () => 'ran');
    expect(codeOf(await fired.catch((thrown: unknown) => thrown))).toBe(code);
    const controller = new AbortController();
    const later = withPatience({ signal: controller.signal }, ({ signal }) => aborted(signal));
    controller.abort(reason);
    expect(codeOf(await later)).toBe(code);
  });

  it('has nobody of ours listening behind the call', async () => {
    const controller = new AbortController();
    let during: AbortSignal | undefined;
    await withPatience({ signal: controller.signal }, async ({ signal }) => void (during = signal));
    controller.abort();
    expect(during?.aborted).toBe(false);
  });
});

/** Its reason. */
function aborted(signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(signal.reason)));
}
