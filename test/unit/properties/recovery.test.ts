/**
 * Journal, snapshots and recovery against a model of one line: each message was handled once, in its order, whatever
 * crashes came between. Crashes are at any batch, of the recoveries too.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Journal } from '../../../packages/runtime/src/store/journal.ts';
import type { JournaledMessage } from '../../../packages/runtime/src/store/journal.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import type { ActorAddress } from '@plexspaces/core';
import { RecoveryRun } from '../../support/simulation/recovery-run.ts';
import type { RecoveryControls } from '../../support/simulation/recovery-run.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import { addressOf } from '../../support/simulation/simulated-node.ts';
import type { SimulationOptions } from '../../support/simulation/simulated-node.ts';
import { Steps } from '../../support/simulation/steps.ts';
import { TEST_TIMEOUT_MS } from '../../support/soak.ts';

const anyMessage = fc.record({
  actor: fc.nat({ max: 2 }),
  effects: fc.array(fc.constantFrom('write', 'write', 'take', 'count', 'checkpoint'), { maxLength: 4 }),
  end: fc.oneof(
    { weight: 6, arbitrary: fc.constant('ok') },
    { weight: 1, arbitrary: fc.constant('no') },
    { weight: 1, arbitrary: fc.constant('trap') },
  ),
});

const anyOptions = fc
  .record({
    max: fc.integer({ min: 1, max: 2 }),
    residentActors: fc.integer({ min: 1, max: 3 }),
    everyMessages: fc.integer({ min: 1, max: 6 }),
    keepSnapshots: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ max, residentActors, everyMessages, keepSnapshots }): SimulationOptions => {
    const checkpoints = { everyMessages, keepSnapshots };
    return { workers: { max }, residentActors, checkpoints };
  });

const anyRun = fc.record({
  scheduler: fc.scheduler(),
  hurries: fc.infiniteStream(fc.boolean()),
  options: anyOptions,
  messages: fc.array(anyMessage, { minLength: 1, maxLength: 12, size: 'max' }),
  crashes: fc.array(
    fc.record({ at: fc.nat(), kills: fc.oneof(fc.constant([]), fc.array(fc.nat({ max: 30 }), { maxLength: 2 })) }),
    { minLength: 1, maxLength: 3 },
  ),
});
type RunInput = typeof anyRun extends fc.Arbitrary<infer T> ? T : never;

interface Wrong extends RecoveryControls {
  readonly spoil?: SimulationOptions['spoil'];
}

async function check({ scheduler, hurries, options, messages, crashes }: RunInput, wrong: Wrong = {}): Promise<void> {
  const counts = new Map<number, number>();
  const programs = messages.map(({ actor, effects, end }) => {
    const id = counts.get(actor) ?? 0;
    counts.set(actor, id + 1);
    return { actor: addressOf(`${actor}`), id, effects, end };
  });
  const spoilt = wrong.spoil === undefined ? options : { ...options, spoil: wrong.spoil };
  const steps = new Steps(scheduler, () => hurries.next().value);
  await new RecoveryRun(steps, programs, spoilt, wrong).run(crashes);
}

/** Says of an interrupted message that it had made no host call yet. */
class ForgetfulJournal extends Journal {
  override async *messages(actor: ActorAddress, from?: bigint, through?: bigint): AsyncGenerator<JournaledMessage> {
    for await (const message of super.messages(actor, from, through)) {
      yield message.end === undefined ? { ...message, hostCalls: [] } : message;
    }
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('recovery, from a crash at any batch', () => {
  it(
    'keeps what was acknowledged, and brings every message about once',
    async () => {
      expect(await findFailure(anyRun, (input) => check(input), 100)).toBeUndefined();
    },
    TEST_TIMEOUT_MS,
  );

  it('is seen to lose what was acknowledged before it was synced', async () => {
    const why = /was acknowledged/;
    expect(await findControlFailure(anyRun, (input) => check(input, { answersEarly: true }), why)).toMatch(why);
  });

  it('is seen to lose a message with the last record of the journal', async () => {
    const why = /the state of/;
    expect(await findControlFailure(anyRun, (input) => check(input, { damage: withoutLastRecord }), why)).toMatch(why);
  });

  it('is seen to have effects twice where recorded calls run again', async () => {
    const spoil: SimulationOptions['spoil'] = (ports) => ({ ...ports, journal: new ForgetfulJournal(ports.store, 9n) });
    const why = /wrote twice/;
    expect(await findControlFailure(anyRun, (input) => check(input, { spoil }), why)).toMatch(why);
  });
});

function withoutLastRecord(batches: readonly (readonly StoreOperation[])[]): readonly (readonly StoreOperation[])[] {
  const isRecord = ({ type, key }: StoreOperation): boolean => type === 'put' && key.startsWith('j/');
  const last = batches.flat().findLast(isRecord);
  return batches.map((batch) => batch.filter((operation) => operation !== last));
}
