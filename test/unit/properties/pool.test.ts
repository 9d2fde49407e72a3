/**
 * A service in any order of calls, cancels, traps and deaths of threads: the pool, the calls that it sends ahead to
 * its workers and takes back again, as they are, over model threads.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PoolRun } from '../../support/simulation/pool-run.ts';
import type { PoolCommand, PoolRunOptions } from '../../support/simulation/pool-run.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import { Steps } from '../../support/simulation/steps.ts';
import { TEST_TIMEOUT_MS } from '../../support/soak.ts';

const which = fc.nat({ max: 20 });
const effects = fc.array(fc.constantFrom('write', 'count'), { maxLength: 2 });
const end = fc.oneof(
  { weight: 8, arbitrary: fc.constant('ok') },
  { weight: 1, arbitrary: fc.constant('no') },
  { weight: 1, arbitrary: fc.constant('trap') },
);
const anyCommand: fc.Arbitrary<PoolCommand> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('post'), effects, end }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('steps'), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel'), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill-thread'), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('time'), passedMs: fc.constantFrom(5, 1000) }) },
);
const anyRun = fc.record({
  scheduler: fc.scheduler(),
  hurries: fc.infiniteStream(fc.boolean()),
  max: fc.integer({ min: 1, max: 3 }),
  queueLimit: fc.constantFrom(3, 100),
  commands: fc.array(anyCommand, { minLength: 1, maxLength: 40, size: 'max' }),
  ending: fc.constantFrom<'rest' | 'stop' | 'halt'>('rest', 'stop', 'halt'),
});
/** A guest traps, and threads that come for its own die, while nobody calls. */
const anyDying = fc.record({
  scheduler: fc.scheduler(),
  hurries: fc.infiniteStream(fc.boolean()),
  max: fc.constant(1),
  queueLimit: fc.constant(3),
  commands: fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('kill-thread'), which }),
      fc.record({ kind: fc.constant('steps'), count: fc.integer({ min: 1, max: 6 }) }),
      fc.constant({ kind: 'post', effects: [], end: 'trap' }),
    ),
    { minLength: 4, maxLength: 12 },
  ),
  ending: fc.constant('rest'),
});
type RunInput = typeof anyRun extends fc.Arbitrary<infer T> ? T : never;

async function check(input: RunInput, faults: PoolRunOptions['faults'] = {}): Promise<void> {
  const { scheduler, hurries, max, queueLimit, commands, ending } = input;
  vi.clearAllTimers();
  const run = await PoolRun.start(new Steps(scheduler, () => hurries.next().value), { max, queueLimit, faults });
  for (const command of commands) await run.do(command);
  if (ending === 'rest') await run.rest();
  await run.stop(ending === 'halt' ? 0 : 1000);
}

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the calls of a pool, whatever happens to them in whatever order', () => {
  it(
    'settle once, run at most once where they are seen, and in order where there is one worker',
    async () => {
      expect(await findFailure(anyRun, (input) => check(input), 150)).toBeUndefined();
    },
    TEST_TIMEOUT_MS,
  );

  it('leave it with its least number of workers, whichever of them die', async () => {
    expect(await findFailure(anyDying, (input) => check(input), 100)).toBeUndefined();
  });

  it.each([
    ['that runs what was taken back', { runsWhatWasTakenBack: true }, /was cancelled, then run|was told of 2|was run/],
    ['that denies what it ran', { deniesWhatItRan: true }, /was run 2 times/],
    ['that keeps a worn instance', { keepsOldInstances: true }, /worn/],
    ['that calls an instance that trapped', { callsSpentInstances: true }, /spent/],
    [
      'that gives back the first calls first while it runs on',
      { takesBackFirstFirst: true },
      /in the order of posting/,
    ],
  ])('are seen to be wrong over a thread %s', async (_thread, faults, why) => {
    expect(await findControlFailure(anyRun, (input) => check(input, faults), why)).toMatch(why);
  });
});
