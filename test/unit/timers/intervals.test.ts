/** Messages that come again and again: their pace, what of them is left out, and what of them outlives the process. */
import type { ActorAddress } from '@plexspaces/core';
import { PlexSpacesError } from '@plexspaces/core';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { Intervals } from '../../../packages/runtime/src/timers/intervals.ts';
import type { IntervalsOptions } from '../../../packages/runtime/src/timers/intervals.ts';
import { Scheduler } from '../../../packages/runtime/src/timers/scheduler.ts';
import type { SelfMessage } from '../../../packages/runtime/src/timers/self-messages.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import type { LoggedLine } from '../../support/recording-logger.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const ACTOR = { service: 's', key: 'default' };
const IN_MEMORY = { actor: ACTOR, isDurable: false };
const DURABLE = { actor: ACTOR, isDurable: true };
const TICK = { intervalMs: 100, messageType: 'tick', payload: Buffer.from('{}') };
const TOCK = { intervalMs: 250, messageType: 'tock', payload: new Uint8Array() };

describe('a message that comes again', () => {
  it('comes one interval after the start, and keeps that pace', () => {
    const { intervals, clock, delivered } = fresh();
    intervals.start(IN_MEMORY, [TICK, TOCK]);
    clock.advance(99);
    expect(delivered).toEqual([]);
    clock.advance(401);
    expect(delivered.map(({ fromActor, atMs }) => [fromActor, atMs])).toEqual([
      ['timer/every/0', 100],
      ['timer/every/0', 200],
      ['timer/every/1', 250],
      ['timer/every/0', 300],
      ['timer/every/0', 400],
      ['timer/every/1', 500],
      ['timer/every/0', 500],
    ]);
    expect(delivered[0]).toMatchObject({ to: ACTOR, messageType: 'tick', payload: TICK.payload });
  });

  it('is left out while the one before is waiting or running, and that one stands for all that was missed', () => {
    const { intervals, clock, delivered, state } = fresh();
    intervals.start(IN_MEMORY, [TICK]);
    clock.advance(100);
    state.pending.add('timer/every/0');
    clock.advance(350);
    expect(delivered).toHaveLength(1);
    state.pending.clear();
    clock.advance(50);
    expect(delivered.map(({ atMs }) => atMs)).toEqual([100, 500]);
  });

  it('comes once for all that a clock set forward jumped over', () => {
    const { intervals, clock, delivered } = fresh();
    intervals.start(IN_MEMORY, [TICK]);
    clock.set(clock.nowMs() + 1030);
    clock.advance(100);
    expect(delivered.map(({ atMs }) => atMs)).toEqual([1130]);
    clock.advance(70);
    expect(delivered.map(({ atMs }) => atMs)).toEqual([1130, 1200]);
  });

  it('that is refused is left out, is told, and the next one comes', () => {
    const { intervals, clock, delivered, state, lines } = fresh();
    intervals.start(DURABLE, [TICK]);
    state.isFull = true;
    clock.advance(100);
    expect(lines).toMatchObject([{ msg: 'a message of every is left out', service: 's', every: 0 }]);
    state.isFull = false;
    clock.advance(100);
    expect(delivered.map(({ atMs }) => atMs)).toEqual([200]);
  });

  it('stops with its application, and begins anew with it where it is not durable', () => {
    const { intervals, clock, delivered } = fresh();
    intervals.start(IN_MEMORY, [TICK]);
    clock.advance(50);
    intervals.stop('s');
    clock.advance(500);
    expect(delivered).toEqual([]);
    intervals.start(IN_MEMORY, [TICK]);
    intervals.start(IN_MEMORY, [TICK]); // twice is once
    clock.advance(100);
    expect(delivered.map(({ atMs }) => atMs)).toEqual([650]);
  });

  it('of an actor that is not durable leaves nothing in the store', () => {
    const { intervals, clock, log } = fresh();
    intervals.start(IN_MEMORY, [TICK]);
    clock.advance(300);
    expect(log.flat().filter(({ key }) => key.startsWith('e/'))).toEqual([]);
  });
});

describe('a durable one', () => {
  it('has the time of the next one in the append of the message', () => {
    const { intervals, clock, log } = fresh();
    intervals.start(DURABLE, [TICK]);
    clock.advance(100);
    const next = { type: 'put', key: 'e/s\0' + '0'.repeat(8), value: expect.any(Uint8Array) };
    expect(log).toEqual([[next], [next, INBOX]]);
  });

  it('goes on in its pace over restarts, with one for all that was missed', async () => {
    const before = fresh();
    before.intervals.start(DURABLE, [TICK]);
    before.clock.advance(230);
    const after = await restart(before, 50);
    after.clock.advance(20);
    expect(after.delivered.map(({ atMs }) => atMs)).toEqual([300]);
    const much = await restart(after, 1030);
    much.clock.advance(70);
    expect(much.delivered.map(({ atMs }) => atMs)).toEqual([1330, 1400]);
  });

  it('is not repeated where the one before outlived the crash and waits still', async () => {
    const before = fresh();
    before.intervals.start(DURABLE, [TICK]);
    before.clock.advance(130);
    const after = await restart(before, 100, ['timer/every/0']);
    after.clock.advance(20);
    expect(after.delivered).toEqual([]);
    const later = await restart(after, 10);
    later.clock.advance(60);
    expect(later.delivered.map(({ atMs }) => atMs)).toEqual([300]);
  });

  it('control: without its record it begins anew, and what was missed never comes', async () => {
    const before = fresh();
    before.intervals.start(DURABLE, [TICK]);
    before.clock.advance(230);
    before.log.length = 0;
    const after = await restart(before, 1030);
    after.clock.advance(70);
    expect(after.delivered).toEqual([]);
  });

  it('begins anew with another interval, and one that is no more leaves no record', async () => {
    const before = fresh();
    before.intervals.start(DURABLE, [TICK, TOCK]);
    before.clock.advance(50);
    const after = await restart(before, 0, [], [{ ...TICK, intervalMs: 70 }]);
    after.clock.advance(70);
    expect(after.delivered.map(({ atMs }) => atMs)).toEqual([120]);
    expect(await keysOf(after.log)).toEqual(['e/s\0' + '0'.repeat(8)]);
  });

  it('comes within its interval where the clock was set back', async () => {
    const before = fresh();
    before.intervals.start(DURABLE, [TICK]);
    const after = await restart(before, -100_000);
    after.clock.advance(100);
    expect(after.delivered).toHaveLength(1);
  });

  it('is forgotten with its service', async () => {
    const { intervals, clock, delivered } = fresh();
    intervals.start(DURABLE, [TICK]);
    clock.advance(50);
    intervals.forget('s');
    clock.advance(100);
    expect(delivered).toEqual([]);
    intervals.start(DURABLE, [TICK]);
    clock.advance(99);
    expect(delivered).toEqual([]);
  });
});

const INBOX: StoreOperation = { type: 'put', key: 'x/', value: new Uint8Array() };
const START_MS = 1_000_000;

interface Fresh {
  readonly intervals: Intervals;
  readonly clock: VirtualClock;
  readonly delivered: (SelfMessage & {
    readonly to: ActorAddress;
    readonly fromActor: string;
    readonly atMs: number;
  })[];
  readonly log: (readonly StoreOperation[])[];
  readonly state: { isFull: boolean; readonly pending: Set<string> };
  readonly lines: readonly LoggedLine[];
}

function fresh(clock = new VirtualClock(START_MS)): Fresh {
  const parts = partsOf(clock);
  return { ...parts, intervals: new Intervals(parts.options) };
}

/** Another life on what the one before left, so much later. */
async function restart(
  before: Fresh,
  laterMs: number,
  pending: readonly string[] = [],
  every = [TICK],
): Promise<Fresh> {
  const parts = partsOf(new VirtualClock(before.clock.nowMs() + laterMs));
  for (const fromActor of pending) parts.state.pending.add(fromActor);
  parts.log.push(...before.log);
  const intervals = await Intervals.load(await storeOf(before.log), parts.options);
  intervals.start(DURABLE, every);
  return { ...parts, intervals };
}

function partsOf(clock: VirtualClock): Omit<Fresh, 'intervals'> & { readonly options: IntervalsOptions } {
  const { logger, lines } = recordingLogger();
  const delivered: Fresh['delivered'] = [];
  const log: Fresh['log'] = [];
  const state = { isFull: false, pending: new Set<string>() };
  const deliver = (to: ActorAddress, message: SelfMessage & { readonly fromActor: string }): StoreOperation[] => {
    if (state.isFull) throw new PlexSpacesError('RESOURCE_EXHAUSTED', 'the inbox is full');
    delivered.push({ ...message, to, atMs: clock.nowMs() - START_MS });
    return [INBOX];
  };
  const isPending = (_to: ActorAddress, fromActor: string): boolean => state.pending.has(fromActor);
  const append = (operations: readonly StoreOperation[]): bigint =>
    operations.length === 0 ? 0n : BigInt(log.push(operations));
  const writer = { expectRoom: () => undefined, append };
  const options = {
    scheduler: new Scheduler(clock),
    deliveries: { expectFits: () => undefined, deliver, isPending },
    writer,
    logger,
  };
  return { options, clock, delivered, log, state, lines };
}

async function storeOf(log: Fresh['log']): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.batch(log.flat());
  return store;
}

async function keysOf(log: Fresh['log']): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of (await storeOf(log)).range({ from: 'e/', to: 'e0' })) keys.push(key);
  return keys;
}
