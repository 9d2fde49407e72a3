/** Timers of actors: over crashes by a simulation, and their edges one by one. */
import type { ActorAddress } from '@plexspaces/core';
import { PlexSpacesError } from '@plexspaces/core';
import { describe, expect, it } from 'vitest';
import { Numbers } from '../../../packages/runtime/src/store/numbers.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { Scheduler } from '../../../packages/runtime/src/timers/scheduler.ts';
import { Timers } from '../../../packages/runtime/src/timers/timers.ts';
import type { TimersOptions } from '../../../packages/runtime/src/timers/timers.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import type { RecordingLogger } from '../../support/recording-logger.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import { anyTimerSteps, TimersRun } from '../../support/simulation/timers-run.ts';
import type { Append, TimerStep } from '../../support/simulation/timers-run.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const RUNS = 300;
const ACTOR = { service: 's', key: 'k' };
const DURABLE = { actor: ACTOR, isDurable: true };
const IN_MEMORY = { actor: ACTOR, isDurable: false };
const WAKE = { messageType: 'wake', payload: Buffer.from('up') };
const DAYS_MS = 86_400_000n;

describe('timers', () => {
  it('fire once, in their time, over crashes, pauses and full inboxes', async () => {
    expect(await findFailure(anyTimerSteps, (steps) => takeAll(steps), RUNS)).toBeUndefined();
  });

  it.each<[string, Append, RegExp]>([
    [
      'ended in an append of its own before the message, a timer is lost',
      apart,
      /false,false,false: expected 1, found 0/,
    ],
    [
      'ended in an append of its own behind the message, it fires twice',
      (operations) => apart(operations.toReversed()),
      /true,true,false: expected 1, found 2/,
    ],
  ])('control: %s', async (_what, append, why) => {
    expect(await findControlFailure(anyTimerSteps, (steps) => takeAll(steps, append), why)).toMatch(why);
  });

  it('arrive with their number, type and payload, and end in the append of the message', () => {
    const { timers, clock, delivered, appended } = fresh();
    const { number, operations } = timers.set(DURABLE, 10n, WAKE);
    expect(operations).toMatchObject([{ type: 'put', key: expect.stringMatching(/^y\/s\0k\0/) }]);
    clock.advance(10);
    expect(delivered).toEqual([{ to: ACTOR, fromActor: `timer/${number}`, ...WAKE }]);
    expect(appended).toEqual([[{ type: 'del', key: operations[0]?.key }, INBOX]]);
  });

  it('of actors that are not durable leave nothing in the store', () => {
    const { timers, clock, delivered, appended } = fresh();
    const { number, operations } = timers.set(IN_MEMORY, 10n, WAKE);
    expect(operations).toEqual([]);
    expect(timers.cancel(ACTOR, number)).toEqual([]);
    timers.set(IN_MEMORY, 10n, WAKE);
    clock.advance(10);
    expect(delivered).toHaveLength(1);
    expect(appended).toEqual([[INBOX]]);
  });

  it('are cancelled by their own actor alone, once, and then do not fire', () => {
    const { timers, clock, delivered } = fresh();
    const { number, operations } = timers.set(DURABLE, 10n, WAKE);
    for (const other of [
      { ...ACTOR, key: 'l' },
      { ...ACTOR, service: 't' },
    ]) {
      expect(timers.cancel(other, number)).toBeUndefined();
    }
    expect(timers.cancel(ACTOR, number)).toEqual([{ type: 'del', key: operations[0]?.key }]);
    expect(timers.cancel(ACTOR, number)).toBeUndefined();
    const fired = timers.set(DURABLE, 1n, WAKE);
    clock.advance(20);
    expect(timers.cancel(ACTOR, fired.number)).toBeUndefined();
    expect(delivered).toHaveLength(1);
  });

  it('that find no room try again, later each time, and can still be cancelled', () => {
    const { timers, clock, delivered, state, log } = fresh();
    state.isFull = true;
    const { number } = timers.set(DURABLE, 0n, WAKE);
    clock.advance(0);
    clock.advance(100);
    clock.advance(200);
    expect(state.refused).toBe(3);
    clock.advance(399);
    expect(state.refused).toBe(3);
    expect(log.lines).toMatchObject([{ msg: 'a timer waits for room', timer: String(number) }]); // told once
    state.isFull = false;
    clock.advance(1);
    expect(delivered).toHaveLength(1);
    state.isFull = true;
    const other = timers.set(DURABLE, 0n, WAKE);
    clock.advance(50);
    expect(timers.cancel(ACTOR, other.number)).toBeDefined();
    state.isFull = false;
    clock.advance(100_000);
    expect(delivered).toHaveLength(1);
  });

  it('of an application that is gone stay with their records, or go with the purge', async () => {
    const { timers, clock, delivered } = fresh();
    timers.set(DURABLE, 1n, WAKE);
    timers.set(IN_MEMORY, 1n, WAKE);
    timers.forget('s', { purge: false });
    clock.advance(5);
    expect(delivered).toEqual([]);
    timers.resume('s');
    clock.advance(0);
    expect(delivered).toHaveLength(1);
    timers.set(DURABLE, 1n, WAKE);
    timers.forget('s', { purge: true });
    timers.resume('s');
    clock.advance(5);
    expect(delivered).toHaveLength(1);
  });

  it('say nothing more once the storage has failed', () => {
    const { timers, clock, state, log } = fresh();
    timers.set(DURABLE, 1n, WAKE);
    state.hasFailed = true;
    expect(() => clock.advance(1)).not.toThrow();
    clock.advance(100_000);
    expect(log.lines).toEqual([]);
  });

  it('are bounded for an actor and for a service, by number and bytes', () => {
    const { timers, clock } = fresh({ maxPerActor: 2, maxPerService: 3, maxBytes: 20 });
    const other = { actor: { ...ACTOR, key: 'l' }, isDurable: true };
    timers.set(DURABLE, 1n, WAKE);
    timers.set(DURABLE, 9n, WAKE);
    expect(() => timers.set(DURABLE, 1n, WAKE)).toThrow(/^timers of s\/k: expected at most 2, found 3/);
    expect(() => timers.set(other, 1n, { ...WAKE, payload: new Uint8Array(5) })).toThrow(
      /^bytes in timers of s: .* 21/,
    );
    timers.set(other, 9n, WAKE);
    expect(() => timers.set(other, 1n, WAKE)).toThrow(/^timers of s: expected at most 3, found 4/);
    clock.advance(1);
    timers.set(other, 1n, WAKE);
  });

  it.each<[string, bigint, string, RegExp]>([
    ['a delay of more than 365 days', 365n * DAYS_MS + 1n, 'wake', /^delay-ms: expected at most 31536000000/],
    ['no message type', 1n, '', /^message-type: expected 1-256 characters/],
    ['a long message type', 1n, 'x'.repeat(257), /^message-type: expected 1-256 characters/],
  ])('refuse %s', (_what, delayMs, messageType, message) => {
    const { timers } = fresh();
    expect(() => timers.set(DURABLE, delayMs, { ...WAKE, messageType })).toThrow(message);
    timers.set(DURABLE, 365n * DAYS_MS, WAKE);
  });

  it('refuse a message that their actor would never be given', () => {
    const { timers, clock, log } = fresh();
    expect(() => timers.set(DURABLE, 1n, { ...WAKE, payload: new Uint8Array(101) })).toThrow('payload: too large');
    clock.advance(10);
    expect(log.lines).toEqual([]);
  });

  it('refuse a damaged record by its name', async () => {
    const { timers, options } = fresh();
    const [put] = timers.set(DURABLE, 1n, WAKE).operations;
    if (put?.type !== 'put') throw new Error('expected a put');
    const store = new MemoryStore();
    await store.batch([{ ...put, value: put.value.with(5, 99) }]);
    await expect(Timers.load(store, options)).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });
});

const INBOX: StoreOperation = { type: 'put', key: 'x/', value: new Uint8Array() };

/** Each operation in an append of its own. */
function apart(operations: readonly StoreOperation[]): StoreOperation[][] {
  return operations.map((operation) => [operation]);
}

async function takeAll(steps: readonly TimerStep[], append?: Append): Promise<void> {
  const run = new TimersRun(append);
  for (const step of steps) await run.take(step);
  await run.finish();
}

interface Fresh {
  readonly timers: Timers;
  readonly options: TimersOptions;
  readonly clock: VirtualClock;
  readonly delivered: { readonly to: ActorAddress; readonly fromActor: string }[];
  readonly appended: (readonly StoreOperation[])[];
  readonly state: { isFull: boolean; hasFailed: boolean; refused: number };
  readonly log: RecordingLogger;
}

/** Timers of a service that runs. */
function fresh(limits?: TimersOptions['limits']): Fresh {
  const clock = new VirtualClock();
  const log = recordingLogger();
  const delivered: Fresh['delivered'] = [];
  const appended: (readonly StoreOperation[])[] = [];
  const state = { isFull: false, hasFailed: false, refused: 0 };
  const deliver = (to: ActorAddress, message: { readonly fromActor: string }): StoreOperation[] => {
    if (state.isFull) state.refused += 1;
    if (state.isFull) throw new PlexSpacesError('RESOURCE_EXHAUSTED', 'the inbox is full');
    delivered.push({ to, ...message });
    return [INBOX];
  };
  const expectFits = (_to: ActorAddress, payload: Uint8Array): void => {
    if (payload.length > 100) throw new PlexSpacesError('RESOURCE_EXHAUSTED', 'payload: too large');
  };
  const append = (operations: readonly StoreOperation[]): bigint => {
    if (state.hasFailed) throw new PlexSpacesError('UNAVAILABLE', 'storage failed');
    return BigInt(appended.push(operations));
  };
  const writer = { expectRoom: () => undefined, append };
  const scheduler = new Scheduler(clock);
  const options = {
    scheduler,
    limits,
    numbers: new Numbers(1n),
    deliveries: { expectFits, deliver },
    writer,
    logger: log.logger,
  };
  const timers = new Timers(options);
  timers.resume('s');
  return { timers, options, clock, delivered, appended, state, log };
}
