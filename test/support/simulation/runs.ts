/** How a property is checked: how many runs it has, how one is had again, and how a control shows that it can fail. */
import fc from 'fast-check';
import { quickOrLong } from '../soak.ts';

type Check<T> = (input: T) => Promise<void>;

const LONG_FACTOR = 100;
/** A control's failure is there in one of some ten runs at least. */
const CONTROL_RUNS = 1000;

/**
 * Runs the check on inputs of the arbitrary, and a hundred times as many in the long form.
 * @returns the seed and the path of a run that failed, its input and why; undefined: none did. With
 * PLEXSPACES_SEED=seed/path it is run again, and a smaller one is looked for, which may take minutes.
 */
export async function findFailure<T>(
  arbitrary: fc.Arbitrary<T>,
  check: Check<T>,
  quickRuns: number,
): Promise<string | undefined> {
  const found = await fc.check(fc.asyncProperty(arbitrary, check), parameters(quickRuns));
  return await fc.asyncDefaultReportMessage(found);
}

/** Over a part that was made wrong. @returns why a run failed, of those whose reason is `why`; undefined: none did. */
export async function findControlFailure<T>(
  arbitrary: fc.Arbitrary<T>,
  check: Check<T>,
  why: RegExp,
): Promise<string | undefined> {
  const property = fc.asyncProperty(arbitrary, async (input) => {
    const failure = await check(input).then(() => undefined, String);
    if (failure !== undefined && why.test(failure)) throw new Error(failure); // other failures are no matter
  });
  const found = await fc.check(property, { numRuns: CONTROL_RUNS, endOnFailure: true });
  return found.failed ? String(found.errorInstance) : undefined;
}

function parameters<T>(quickRuns: number): fc.Parameters<[input: T]> {
  const numRuns = quickOrLong(quickRuns, quickRuns * LONG_FACTOR);
  const given = process.env['PLEXSPACES_SEED'];
  if (given === undefined) return { numRuns, endOnFailure: true };
  const [seed, path] = given.split('/');
  return path === undefined ? { numRuns, seed: Number(seed) } : { numRuns: 1, seed: Number(seed), path };
}
