/**
 * Timers among crashes that lose the end of the log, pauses, full inboxes and cancellations: of what the log kept,
 * every timer fires once, in its time, or was cancelled.
 *
 * The log is a list of appends, of which a crash keeps a beginning; an inbox is a record under `x/` for each message.
 */
import type { ActorAddress } from '@plexspaces/core';
import { PlexSpacesError } from '@plexspaces/core';
import fc from 'fast-check';
import { pino } from 'pino';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { Numbers } from '../../../packages/runtime/src/store/numbers.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { Scheduler } from '../../../packages/runtime/src/timers/scheduler.ts';
import { Timers } from '../../../packages/runtime/src/timers/timers.ts';
import type { TimersOptions } from '../../../packages/runtime/src/timers/timers.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { demand, demandThat } from './demand.ts';

export type TimerStep =
  | { readonly step: 'set'; readonly key: string; readonly isDurable: boolean; readonly delayMs: number }
  | { readonly step: 'cancel'; readonly key: string; readonly back: number }
  | { readonly step: 'wait'; readonly ms: number }
  | { readonly step: 'pause' | 'resume' | 'full' | 'room' }
  /** The last so many appends are lost. */
  | { readonly step: 'crash'; readonly lost: number };

const key = fc.constantFrom('a', 'b');
export const anyTimerSteps: fc.Arbitrary<TimerStep[]> = fc.array(
  fc.oneof(
    fc.record({
      step: fc.constant('set' as const),
      key,
      isDurable: fc.boolean(),
      delayMs: fc.integer({ min: 0, max: 30 }),
    }),
    fc.record({ step: fc.constant('cancel' as const), key, back: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ step: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ step: fc.constantFrom('pause' as const, 'resume' as const, 'full' as const, 'room' as const) }),
    fc.record({ step: fc.constant('crash' as const), lost: fc.integer({ min: 0, max: 2 }) }),
  ),
  { maxLength: 40, size: 'max' },
);

/** How a control appends: as it is not to be done. */
export type Append = (operations: readonly StoreOperation[]) => readonly (readonly StoreOperation[])[];

interface SetTimer {
  readonly number: bigint;
  readonly key: string;
  readonly isDurable: boolean;
  readonly dueMs: number;
}

const SERVICE = 'demo.A';
const MESSAGE = { messageType: 'wake', payload: new Uint8Array() };
const FOREVER_MS = 100_000;

export class TimersRun {
  readonly #clock = new VirtualClock();
  readonly #append: Append;
  #log: (readonly StoreOperation[])[] = [];
  #epoch = 0n;
  #isRunning = false;
  #isFull = false;
  /** Of all lives, also what a crash took back. */
  #set: SetTimer[] = [];
  /** Fired in this life. */
  #fired: bigint[] = [];
  #cancelled = new Set<bigint>();
  #scheduler = new Scheduler(this.#clock);
  #timers = new Timers(this.#options());

  constructor(append: Append = (operations) => [operations]) {
    this.#append = append;
  }

  async take(step: TimerStep): Promise<void> {
    switch (step.step) {
      case 'set':
        return this.#setTimer(step);
      case 'cancel':
        return this.#cancel(step);
      case 'wait':
        return this.#clock.advance(step.ms);
      case 'crash':
        return await this.#crash(step.lost);
      default:
        return this.#switch(step.step);
    }
  }

  /** Time goes on until nothing is left to wait for. */
  async finish(): Promise<void> {
    this.#switch('room');
    this.#switch('resume');
    this.#clock.advance(FOREVER_MS);
    await this.#judge();
    demand('timers left', (await this.#keys('y/')).length, 0);
    const inMemory = this.#set.filter(({ isDurable, number }) => !isDurable && !this.#cancelled.has(number));
    for (const { number } of inMemory) demandThat(`timer ${number} did not fire`, this.#fired.includes(number));
  }

  #setTimer({ key: actorKey, isDurable, delayMs }: Extract<TimerStep, { step: 'set' }>): void {
    const actor = { service: SERVICE, key: actorKey };
    const { number, operations } = this.#timers.set({ actor, isDurable }, BigInt(delayMs), MESSAGE);
    this.#set.push({ number, key: actorKey, isDurable, dueMs: this.#clock.nowMs() + delayMs });
    this.#log.push(operations);
  }

  #cancel({ key: actorKey, back }: Extract<TimerStep, { step: 'cancel' }>): void {
    const timer = this.#set.at(-back);
    if (timer === undefined) return;
    const operations = this.#timers.cancel({ service: SERVICE, key: actorKey }, timer.number);
    const isThere = !this.#cancelled.has(timer.number) && !this.#fired.includes(timer.number);
    demand(`cancelled ${timer.number}`, operations !== undefined, isThere && timer.key === actorKey);
    if (operations === undefined) return;
    this.#cancelled.add(timer.number);
    this.#log.push(operations);
  }

  #switch(step: 'pause' | 'resume' | 'full' | 'room'): void {
    if (step === 'full' || step === 'room') {
      this.#isFull = step === 'full';
      return;
    }
    this.#isRunning = step === 'resume';
    if (this.#isRunning) this.#timers.resume(SERVICE);
    else this.#timers.pause(SERVICE);
  }

  /** What is behind the end of the log never was. */
  async #crash(lost: number): Promise<void> {
    this.#log = this.#log.slice(0, Math.max(0, this.#log.length - lost));
    this.#scheduler[Symbol.dispose]();
    this.#scheduler = new Scheduler(this.#clock);
    this.#timers = await Timers.load(await this.#store(), this.#options());
    this.#isRunning = false;
    await this.#forget();
    await this.#judge();
  }

  /** From the log's content: what is there, has fired or was cancelled. */
  async #forget(): Promise<void> {
    const written = new Set(this.#log.flat().map((operation) => `${operation.type} ${operation.key}`));
    this.#set = this.#set.filter((timer) => timer.isDurable && written.has(`put ${recordOf(timer)}`));
    const inbox = new Set(await this.#keys('x/'));
    this.#fired = this.#set.map(({ number }) => number).filter((number) => inbox.has(`x/timer/${number}`));
    const ended = this.#set.filter((timer) => written.has(`del ${recordOf(timer)}`)).map(({ number }) => number);
    this.#cancelled = new Set(ended.filter((number) => this.#cancelled.has(number) && !inbox.has(`x/timer/${number}`)));
  }

  /** Every durable timer waits, has fired or was cancelled: one of the three. */
  async #judge(): Promise<void> {
    const waiting = new Set(await this.#keys('y/'));
    const inbox = new Set(await this.#keys('x/'));
    for (const timer of this.#set.filter(({ isDurable }) => isDurable)) {
      const places = [
        waiting.has(recordOf(timer)),
        inbox.has(`x/timer/${timer.number}`),
        this.#cancelled.has(timer.number),
      ];
      demand(`timer ${timer.number} is waiting, fired, cancelled: ${String(places)}`, places.filter(Boolean).length, 1);
    }
  }

  #deliver(to: ActorAddress, { fromActor }: { readonly fromActor: string }): readonly StoreOperation[] {
    if (this.#isFull) throw new PlexSpacesError('RESOURCE_EXHAUSTED', 'the inbox is full');
    const timer = this.#set.find(({ number }) => fromActor === `timer/${number}`);
    if (timer === undefined) throw new Error(`${fromActor} was never set`);
    demandThat(`${fromActor} fired twice`, !this.#fired.includes(timer.number));
    demandThat(`${fromActor} was cancelled`, !this.#cancelled.has(timer.number));
    demandThat(`${fromActor} fired early`, this.#clock.nowMs() >= timer.dueMs);
    demandThat(`${fromActor} fired while its application stood still`, this.#isRunning);
    demand(`actor of ${fromActor}`, to, { service: SERVICE, key: timer.key });
    this.#fired.push(timer.number);
    return timer.isDurable ? [{ type: 'put', key: `x/${fromActor}`, value: new Uint8Array() }] : [];
  }

  #options(): TimersOptions {
    this.#epoch += 1n;
    return {
      scheduler: this.#scheduler,
      numbers: new Numbers(this.#epoch),
      deliveries: { expectFits: () => undefined, deliver: (to, message) => this.#deliver(to, message) },
      writer: {
        expectRoom: () => undefined,
        append: (operations) => BigInt(this.#log.push(...this.#append(operations))),
      },
      logger: pino({ enabled: false }),
    };
  }

  async #store(): Promise<MemoryStore> {
    const store = new MemoryStore();
    await store.batch(this.#log.flat());
    return store;
  }

  async #keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const [found] of (await this.#store()).range({ from: prefix, to: `${prefix}\u{ffff}` }))
      keys.push(found);
    return keys;
  }
}

function recordOf({ key: actorKey, number }: SetTimer): string {
  return `y/${SERVICE}\0${actorKey}\0${number.toString(16).padStart(16, '0')}`;
}
