/**
 * Messages that the node sends to an application again and again, as its manifest says (`every`).
 *
 * E1. The first comes one interval after the application's start; the others keep that pace.
 * E2. While the one before waits or is being handled there is no second one; what was missed comes as one.
 * E3. For a durable application the time of the next one is in the same append as the message: a crash neither
 *     loses a message nor repeats it, and what was missed meanwhile comes once, when the application runs again.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { IntervalRecord } from '@plexspaces/proto';
import type { Logger } from 'pino';
import { frameMessage, unframe } from '../store/checksum.ts';
import { ALL_INTERVALS, intervalKey, parseIntervalKey } from '../store/key-layout.ts';
import type { LogWriter } from '../store/log-writer.ts';
import type { Store, StoreOperation } from '../store/store.ts';
import type { Scheduler } from './scheduler.ts';
import type { SelfDeliveries, SelfMessage } from './self-messages.ts';

export interface IntervalMessage extends SelfMessage {
  readonly intervalMs: number;
}

export interface IntervalDeliveries extends SelfDeliveries {
  /** Whether a message of that sender waits for the actor or is being handled. */
  isPending(to: ActorAddress, fromActor: string): boolean;
}

export interface IntervalsOptions {
  readonly scheduler: Scheduler;
  readonly deliveries: IntervalDeliveries;
  readonly writer: Pick<LogWriter, 'append' | 'expectRoom'>;
  readonly logger: Logger;
}

/** Who gets the messages. */
export interface IntervalTarget {
  readonly actor: ActorAddress;
  readonly isDurable: boolean;
}

interface Kept {
  readonly intervalMs: number;
  readonly nextMs: number;
}

interface Interval {
  readonly target: IntervalTarget;
  readonly index: number;
  readonly message: IntervalMessage;
}

export class Intervals {
  readonly #options: IntervalsOptions;
  /** As the store has them. */
  readonly #kept = new Map<string, Kept>();
  readonly #running = new Map<string, Map<number, () => void>>();

  constructor(options: IntervalsOptions) {
    this.#options = options;
  }

  /** @throws DATA_LOSS at a damaged record. */
  static async load(store: Store, options: IntervalsOptions): Promise<Intervals> {
    const intervals = new Intervals(options);
    for await (const [key, value] of store.range(ALL_INTERVALS)) {
      const { intervalMs, nextAt } = IntervalRecord.decode(unframe(key, value));
      intervals.#kept.set(key, { intervalMs: Number(intervalMs), nextMs: nextAt?.getTime() ?? 0 });
    }
    return intervals;
  }

  /** The application runs. */
  start(target: IntervalTarget, every: readonly IntervalMessage[]): void {
    const { service } = target.actor;
    this.stop(service);
    this.#running.set(service, new Map());
    const operations = this.#forgetBehind(service, target.isDurable ? every.length : 0);
    for (const [index, message] of every.entries()) operations.push(...this.#begin({ target, index, message }));
    this.#options.writer.append(operations);
  }

  stop(service: string): void {
    for (const stop of this.#running.get(service)?.values() ?? []) stop();
    this.#running.delete(service);
  }

  /** Whoever purges a service removes its records. */
  forget(service: string): void {
    this.stop(service);
    this.#forgetBehind(service, 0);
  }

  #begin(interval: Interval): StoreOperation[] {
    const { target, index, message } = interval;
    const kept = target.isDurable ? this.#kept.get(intervalKey(target.actor.service, index)) : undefined;
    const firstMs = this.#options.scheduler.nowMs() + message.intervalMs; // E1
    const goesOn = kept !== undefined && kept.intervalMs === message.intervalMs;
    const nextMs = goesOn ? Math.min(kept.nextMs, firstMs) : firstMs; // a clock that was set back delays nothing
    this.#schedule(interval, nextMs);
    return goesOn ? [] : this.#keep(interval, nextMs);
  }

  #schedule(interval: Interval, atMs: number): void {
    const { target, index } = interval;
    const stop = this.#options.scheduler.at(atMs, () => this.#tick(interval, atMs));
    this.#running.get(target.actor.service)?.set(index, stop);
  }

  #tick(interval: Interval, dueMs: number): void {
    const nextMs = nextOf(dueMs, interval.message.intervalMs, this.#options.scheduler.nowMs());
    try {
      this.#options.writer.expectRoom();
      const message = this.#deliver(interval);
      this.#options.writer.append([...this.#keep(interval, nextMs), ...message]); // E3
    } catch (thrown) {
      const { actor } = interval.target;
      const error = PlexSpacesError.from(thrown).message;
      this.#options.logger.warn(
        { service: actor.service, every: interval.index, error },
        'a message of every is left out',
      );
    }
    this.#schedule(interval, nextMs);
  }

  #deliver({ target, index, message }: Interval): readonly StoreOperation[] {
    const { deliveries } = this.#options;
    const fromActor = `timer/every/${index}`;
    if (deliveries.isPending(target.actor, fromActor)) return []; // E2
    const { messageType, payload } = message;
    return deliveries.deliver(target.actor, { fromActor, messageType, payload });
  }

  #keep({ target, index, message }: Interval, nextMs: number): StoreOperation[] {
    if (!target.isDurable) return [];
    const { intervalMs } = message;
    const key = intervalKey(target.actor.service, index);
    this.#kept.set(key, { intervalMs, nextMs });
    const value = frameMessage(IntervalRecord, { intervalMs: BigInt(intervalMs), nextAt: new Date(nextMs) });
    return [{ type: 'put', key, value }];
  }

  /** Of an earlier manifest, which had more. */
  #forgetBehind(service: string, count: number): StoreOperation[] {
    const operations: StoreOperation[] = [];
    for (const key of this.#kept.keys()) {
      const { service: owner, index } = parseIntervalKey(key);
      if (owner !== service || index < count) continue;
      this.#kept.delete(key);
      operations.push({ type: 'del', key });
    }
    return operations;
  }
}

/** The next time of its pace that is still to come: what was missed comes as one (E2). */
function nextOf(dueMs: number, intervalMs: number, nowMs: number): number {
  const missed = Math.max(0, Math.floor((nowMs - dueMs) / intervalMs));
  return dueMs + (missed + 1) * intervalMs;
}
