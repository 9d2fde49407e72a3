/**
 * Messages that actors send to themselves at a later time. Those of durable actors have records and outlive the
 * process; those of other actors are in memory alone.
 *
 * T1. A timer fires once: the end of its record and the message that it becomes are one append.
 * T2. It fires only while its application runs, and not before its time; what became due meanwhile fires when the
 *     application runs again.
 * T3. Only the actor that set it can cancel it, and what was cancelled does not fire.
 * T4. A timer whose message finds no room stays due and tries again, later each time.
 */
import { formatActorAddress, PlexSpacesError, quote } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { TimerRecord } from '@plexspaces/proto';
import type { Logger } from 'pino';
import { frameMessage, unframe } from '../store/checksum.ts';
import { ALL_TIMERS, parseActor, parseSequence, timerKey } from '../store/key-layout.ts';
import type { LogWriter } from '../store/log-writer.ts';
import type { Store, StoreOperation } from '../store/store.ts';
import type { Scheduler } from './scheduler.ts';
import type { SelfDeliveries, SelfMessage } from './self-messages.ts';
import { ServiceTimers } from './service-timers.ts';
import type { Timer, TimerLimits } from './service-timers.ts';

export interface TimersOptions {
  readonly scheduler: Scheduler;
  /** Default: 1,000 timers of an actor; 100,000 and 64 MiB of a service. */
  readonly limits?: TimerLimits | undefined;
  /** Each is given once, over restarts as well. */
  readonly numbers: { next(): bigint };
  readonly deliveries: SelfDeliveries;
  readonly writer: Pick<LogWriter, 'append' | 'expectRoom'>;
  readonly logger: Logger;
}

export interface TimerOwner {
  readonly actor: ActorAddress;
  readonly isDurable: boolean;
}

export interface SetTimer {
  readonly number: bigint;
  readonly operations: readonly StoreOperation[];
}

const DEFAULT_LIMITS: TimerLimits = { maxPerActor: 1_000, maxPerService: 100_000, maxBytes: 67_108_864 };
/** 365 days. */
const MAX_DELAY_MS = 31_536_000_000n;
const MAX_TYPE_LENGTH = 256;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 30_000;

export class Timers {
  readonly #options: TimersOptions;
  readonly #services = new Map<string, ServiceTimers>();

  constructor(options: TimersOptions) {
    this.#options = options;
  }

  /** @throws DATA_LOSS at a damaged record. */
  static async load(store: Store, options: TimersOptions): Promise<Timers> {
    const timers = new Timers(options);
    for await (const [key, value] of store.range(ALL_TIMERS)) {
      const { dueAt, messageType, payload } = TimerRecord.decode(unframe(key, value));
      const actor = parseActor(key);
      const message = { messageType, payload };
      const timer = { number: parseSequence(key), actor, isDurable: true, dueMs: dueAt?.getTime() ?? 0, message };
      timers.#service(actor.service).add(timer);
    }
    return timers;
  }

  /** Timers that have not fired. */
  get size(): number {
    return [...this.#services.values()].reduce((sum, service) => sum + service.size, 0);
  }

  /** @throws INVALID_ARGUMENT, RESOURCE_EXHAUSTED past a limit; there is no timer then. */
  set({ actor, isDurable }: TimerOwner, delayMs: bigint, message: SelfMessage): SetTimer {
    const dueMs = this.#options.scheduler.nowMs() + expectDelay(delayMs);
    expectType(message.messageType);
    this.#options.deliveries.expectFits(actor, message.payload);
    const service = this.#service(actor.service);
    service.expectRoom(actor, message);
    const number = this.#options.numbers.next();
    const timer: Timer = { number, actor, isDurable, dueMs, message };
    service.add(timer);
    if (service.isRunning) this.#schedule(service, timer, dueMs);
    if (!isDurable) return { number, operations: [] };
    const value = frameMessage(TimerRecord, { dueAt: new Date(dueMs), ...message });
    return { number, operations: [{ type: 'put', key: timerKey(actor, number), value }] };
  }

  /** Undefined: the actor has no such timer (T3), or it has fired. */
  cancel(actor: ActorAddress, number: bigint): readonly StoreOperation[] | undefined {
    const service = this.#services.get(actor.service);
    const timer = service?.get(number);
    if (service === undefined || timer === undefined || timer.actor.key !== actor.key) return undefined;
    service.remove(timer);
    return endOf(timer);
  }

  /** The service's application runs: what is due fires. */
  resume(serviceId: string): void {
    const service = this.#service(serviceId);
    if (service.isRunning) return;
    service.isRunning = true;
    for (const timer of service.all()) this.#schedule(service, timer, timer.dueMs);
  }

  /** T2 */
  pause(serviceId: string): void {
    const service = this.#service(serviceId);
    service.isRunning = false;
    service.silence();
  }

  /** The application is gone. What has no record goes with it; purged, everything does: who purges removes the records. */
  forget(serviceId: string, options: { readonly purge: boolean }): void {
    const service = this.#service(serviceId);
    this.pause(serviceId);
    for (const timer of service.all()) if (options.purge || !timer.isDurable) service.remove(timer);
    if (service.all().length === 0) this.#services.delete(serviceId);
  }

  #service(serviceId: string): ServiceTimers {
    const found = this.#services.get(serviceId);
    if (found !== undefined) return found;
    const made = new ServiceTimers(this.#options.limits ?? DEFAULT_LIMITS);
    this.#services.set(serviceId, made);
    return made;
  }

  #schedule(service: ServiceTimers, timer: Timer, atMs: number, retryMs = FIRST_RETRY_MS): void {
    const stop = this.#options.scheduler.at(atMs, () => this.#fire(service, timer, retryMs));
    service.waitsWith(timer, stop);
  }

  #fire(service: ServiceTimers, timer: Timer, retryMs: number): void {
    const { scheduler, deliveries, writer } = this.#options;
    const { actor, number, message } = timer;
    try {
      writer.expectRoom();
      const delivered = deliveries.deliver(actor, { fromActor: `timer/${number}`, ...message });
      service.remove(timer);
      writer.append([...endOf(timer), ...delivered]); // T1
    } catch (thrown) {
      if (service.get(number) === undefined) return; // the writer has failed, and with it all of this
      if (retryMs === FIRST_RETRY_MS) this.#logWaiting(timer, thrown);
      this.#schedule(service, timer, scheduler.nowMs() + retryMs, Math.min(2 * retryMs, MAX_RETRY_MS)); // T4
    }
  }

  #logWaiting({ actor, number }: Timer, thrown: unknown): void {
    const facts = { actor: formatActorAddress(actor), timer: String(number) };
    this.#options.logger.warn({ ...facts, error: PlexSpacesError.from(thrown).message }, 'a timer waits for room');
  }
}

function endOf({ actor, number, isDurable }: Timer): StoreOperation[] {
  return isDurable ? [{ type: 'del', key: timerKey(actor, number) }] : [];
}

function expectDelay(delayMs: bigint): number {
  if (delayMs <= MAX_DELAY_MS) return Number(delayMs);
  throw new PlexSpacesError('INVALID_ARGUMENT', `delay-ms: expected at most ${MAX_DELAY_MS}, found ${delayMs}`);
}

function expectType(messageType: string): void {
  if (messageType !== '' && messageType.length <= MAX_TYPE_LENGTH) return;
  const expected = `1-${MAX_TYPE_LENGTH} characters`;
  throw new PlexSpacesError('INVALID_ARGUMENT', `message-type: expected ${expected}, found ${quote(messageType)}`);
}
