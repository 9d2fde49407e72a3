/**
 * Durable actors in any order of posts, cancels, checkpoints, timers, evictions, traps and deaths of threads: mailbox,
 * places, pool, recorder, journal and checkpoints as they are, over model threads and a store in memory.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ActorRun } from '../../support/simulation/actor-run.ts';
import type { ActorCommand } from '../../support/simulation/actor-run.ts';
import { TEST_TIMEOUT_MS } from '../../support/soak.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import type { SimulationOptions } from '../../support/simulation/simulated-node.ts';
import { Steps } from '../../support/simulation/steps.ts';

const IDLE_MS = 1000;
const CHECKPOINT_MS = 500;

const actor = fc.nat({ max: 3 });
const which = fc.nat({ max: 20 });
const effects = fc.array(fc.constantFrom('write', 'count', 'take', 'checkpoint'), { maxLength: 3 });
const end = fc.oneof(
  { weight: 6, arbitrary: fc.constant('ok') },
  { weight: 1, arbitrary: fc.constant('no') },
  { weight: 1, arbitrary: fc.constant('trap') },
);
const anyCommand: fc.Arbitrary<ActorCommand> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('post'), actor, effects, end }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('steps'), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel'), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('checkpoint', 'drop-instance'), actor }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill-thread'), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('time'), passedMs: fc.constantFrom(10, CHECKPOINT_MS, IDLE_MS) }),
  },
);

const anyOptions = fc
  .record({
    max: fc.integer({ min: 1, max: 3 }),
    residentActors: fc.integer({ min: 1, max: 3 }),
    maxLiveActors: fc.integer({ min: 1, max: 5 }),
    everyMessages: fc.integer({ min: 1, max: 5 }),
    keepSnapshots: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ max, residentActors, maxLiveActors, everyMessages, keepSnapshots }): SimulationOptions => {
    const checkpoints = { everyMessages, keepSnapshots, everyMs: CHECKPOINT_MS };
    return { workers: { max, idleTimeoutMs: IDLE_MS }, residentActors, maxLiveActors, checkpoints };
  });

const anyRun = fc.record({
  scheduler: fc.scheduler(),
  hurries: fc.infiniteStream(fc.boolean()),
  options: anyOptions,
  commands: fc.array(anyCommand, { minLength: 1, maxLength: 40, size: 'max' }),
  ending: fc.constantFrom<'rest' | 'stop' | 'halt'>('rest', 'stop', 'halt'),
});
type RunInput = typeof anyRun extends fc.Arbitrary<infer T> ? T : never;

async function check(input: RunInput, more: Partial<SimulationOptions> = {}): Promise<void> {
  const { scheduler, hurries, options, commands, ending } = input;
  vi.clearAllTimers();
  const run = await ActorRun.start(new Steps(scheduler, () => hurries.next().value), { ...options, ...more });
  for (const command of commands) await run.do(command);
  if (ending !== 'halt') await run.rest();
  await run.stop(ending === 'halt' ? 0 : 1000, options);
}

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('durable actors, whatever happens to them in whatever order', () => {
  it(
    'handle the messages of a key in order, at most once, and settle every one of them',
    async () => {
      expect(await findFailure(anyRun, (input) => check(input), 100)).toBeUndefined();
    },
    TEST_TIMEOUT_MS,
  );

  it('are seen to handle a message that was cancelled, over a thread that runs what was taken back', async () => {
    const why = /was cancelled, then handled/;
    expect(
      await findControlFailure(anyRun, (input) => check(input, { faults: { runsWhatWasTakenBack: true } }), why),
    ).toMatch(why);
  });

  it('are seen to handle a message twice, over a thread that denies what it ran', async () => {
    const why = /order of posting|was handled/;
    expect(
      await findControlFailure(anyRun, (input) => check(input, { faults: { deniesWhatItRan: true } }), why),
    ).toMatch(why);
  });

  it('are seen to take over the state of others, over a thread that keeps old instances', async () => {
    const why = /was given|is not the one that was there/;
    const faults = { keepsOldInstances: true };
    expect(await findControlFailure(anyRun, (input) => check(input, { faults }), why)).toMatch(why);
  });
});
