/** How many runs a property has, and how a control shows that it can fail. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { quickOrLong } from '../soak.ts';

const LONG_FACTOR = 100;
/** A control's failure is there in one of some ten runs at least. */
const CONTROL_RUNS = 1000;

/**
 * fast-check prints the seed and the path of a run that fails; PLEXSPACES_SEED=seed or seed/path gives it again, and
 * then a smaller one is looked for, which may take minutes.
 */
export function runs<T>(quick: number): fc.Parameters<T> {
  const numRuns = quickOrLong(quick, quick * LONG_FACTOR);
  const given = process.env['PLEXSPACES_SEED'];
  if (given === undefined) return { numRuns, endOnFailure: true };
  const [seed, path] = given.split('/');
  return path === undefined ? { numRuns, seed: Number(seed) } : { numRuns: 1, seed: Number(seed), path };
}

/** A property's check is seen to fail over a part that was made wrong, and for that reason. */
export async function expectToFail<T>(
  arbitrary: fc.Arbitrary<T>,
  check: (input: T) => Promise<void>,
  why: RegExp,
): Promise<void> {
  const property = fc.asyncProperty(arbitrary, async (input) => {
    const failure = await check(input).catch((thrown: unknown) => String(thrown));
    expect(failure ?? '').not.toMatch(why); // what else the wrong part leads to is no matter
  });
  const { failed } = await fc.check(property, { numRuns: CONTROL_RUNS, endOnFailure: true });
  expect(failed, `some run fails with ${why.source}`).toBe(true);
}
