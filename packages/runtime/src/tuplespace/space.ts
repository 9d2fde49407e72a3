/**
 * Linda's tuple space, one namespace of one tenant, in memory: its tuples, and who waits for more of them.
 *
 * S1. A tuple is taken at most once: a take removes it in the same turn that found it.
 * S2. Reads and takes find the oldest match.
 * S3. A new tuple is told to all subscribers, then shown to all readers that wait for it, then handed to the
 *     first taker that does; only if nobody takes it, it stays.
 * S4. What has expired is found by nobody: the first that come up are removed before each operation, and the
 *     others are passed over.
 *
 * It writes nothing: spaces.ts makes its changes durable. After D. Gelernter, "Generative Communication in
 * Linda" (1985).
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple } from '@plexspaces/core';
import type { StoreOperation } from '../store/store.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import { PatternIndex } from './pattern-index.ts';
import type { ResolvedSpaceOptions } from './space-options.ts';
import type { Lease, StoredTuple } from './stored-tuple.ts';
import { TupleIndex } from './tuple-index.ts';

/** What a waiter gets. */
export interface Found {
  readonly tuple: Tuple;
  /** A taker's: the removal of the tuple. A reader's: none. */
  readonly operations: readonly StoreOperation[];
}

/** A blocking read or take that waits. */
export interface Waiter {
  readonly kind: 'read' | 'take';
  /**
   * Called within the write, once, after which it waits no more. It never throws. What it returns is appended as one
   * with the write: a taker's removal of the tuple among it. Without that it was over already, and took nothing.
   */
  accept(found: Found): readonly StoreOperation[];
}

export interface Subscriber {
  /** Called within each write that matches; what it returns is appended as one with the write. It never throws. */
  notify(tuple: Tuple, bytes: number): readonly StoreOperation[];
}

/** What became of a new tuple before it could stay. */
export interface Offered {
  readonly isTaken: boolean;
  readonly operations: StoreOperation[];
}

/** Removed at most before one operation, so that none has to wait for all of them. */
const EXPIRED_AT_ONCE = 100;

export interface SpaceFigures {
  readonly tuples: number;
  /** Of tuples, in their binary form. */
  readonly bytes: number;
  /** Blocking reads and takes. */
  readonly waiting: number;
  readonly subscriptions: number;
}

export class Space {
  readonly #options: ResolvedSpaceOptions;
  readonly #tuples = new TupleIndex();
  readonly #expiry = new ExpiryQueue();
  readonly #leased = new Map<bigint, StoredTuple>();
  readonly #readers = new PatternIndex<Waiter>();
  readonly #takers = new PatternIndex<Waiter>();
  readonly #subscribers = new PatternIndex<Subscriber>();
  #count = 0;
  #bytes = 0;

  constructor(options: ResolvedSpaceOptions) {
    this.#options = options;
  }

  /** Nothing is here and nobody waits. */
  get isEmpty(): boolean {
    return this.#count + this.waiting + this.#subscribers.size === 0;
  }

  /** Blocking reads and takes. */
  get waiting(): number {
    return this.#readers.size + this.#takers.size;
  }

  get figures(): SpaceFigures {
    const { size: subscriptions } = this.#subscribers;
    return { tuples: this.#count, bytes: this.#bytes, waiting: this.waiting, subscriptions };
  }

  /** @throws RESOURCE_EXHAUSTED where the tuple would pass the space's limits, also when `instead` makes room. */
  expectRoom(bytes: number, instead?: StoredTuple): void {
    const { maxTuples, maxBytes } = this.#options;
    const count = this.#count - (instead === undefined ? 0 : 1);
    const held = this.#bytes - (instead?.bytes ?? 0);
    if (count < maxTuples && held + bytes <= maxBytes) return;
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `tuple space: expected at most ${maxTuples} tuples and ${maxBytes} bytes, found ${count} tuples and ` +
        `${held} bytes, and ${bytes} bytes more`,
    );
  }

  /** S3 @param removal what takes the tuple out of the store. */
  offer(tuple: Tuple, bytes: number, removal: StoreOperation): Offered {
    const operations: StoreOperation[] = [];
    for (const subscriber of this.#subscribers.all(tuple)) operations.push(...subscriber.notify(tuple, bytes));
    for (const reader of this.#readers.all(tuple)) operations.push(...reader.accept({ tuple, operations: [] }));
    for (let taker = this.#takers.oldest(tuple); taker !== undefined; taker = this.#takers.oldest(tuple)) {
      const taken = taker.accept({ tuple, operations: [removal] });
      operations.push(...taken.filter((operation) => operation !== removal));
      if (taken.includes(removal)) return { isTaken: true, operations };
    }
    return { isTaken: false, operations };
  }

  /** Numbers come in ascending order. */
  add(stored: StoredTuple): void {
    this.#tuples.add(stored);
    this.#count += 1;
    this.#bytes += stored.bytes;
    if (stored.lease === undefined) return;
    this.#leased.set(stored.number, stored);
    this.#expiry.add(stored, stored.lease, false);
  }

  /** S1 */
  remove(stored: StoredTuple): void {
    this.#tuples.remove(stored);
    this.#count -= 1;
    this.#bytes -= stored.bytes;
    if (stored.lease === undefined) return;
    this.#leased.delete(stored.number);
    this.#expiry.drop(stored);
  }

  /** What has expired, removed: not more than an operation may wait for (S4). */
  expire(nowMs: number): StoredTuple[] {
    const expired: StoredTuple[] = [];
    for (let due = this.#expiry.due(nowMs); due !== undefined; due = this.#expiry.due(nowMs)) {
      this.remove(due);
      expired.push(due);
      if (expired.length >= EXPIRED_AT_ONCE) break;
    }
    return expired;
  }

  /** S2 */
  oldest(pattern: Pattern, nowMs: number): StoredTuple | undefined {
    return this.#tuples.oldest(pattern, nowMs);
  }

  /** Calls `visit` with each match, the oldest first, until it says false. */
  each(pattern: Pattern, nowMs: number, visit: (stored: StoredTuple) => boolean): void {
    this.#tuples.each(pattern, nowMs, visit);
  }

  count(pattern: Pattern, nowMs: number): number {
    return this.#tuples.count(pattern, this.#expiry.due(nowMs) === undefined ? undefined : nowMs);
  }

  leased(lease: bigint): StoredTuple | undefined {
    return this.#leased.get(lease);
  }

  renew(stored: StoredTuple, lease: Lease): void {
    stored.lease = lease;
    this.#expiry.add(stored, lease, true);
  }

  /** @returns leaves; true: it was still waiting. @throws RESOURCE_EXHAUSTED where too many wait. */
  wait(pattern: Pattern, waiter: Waiter): () => boolean {
    const { maxWaiters } = this.#options;
    if (this.waiting >= maxWaiters) throw tooMany('waiting reads and takes', maxWaiters);
    const queue = waiter.kind === 'take' ? this.#takers : this.#readers;
    const entry: Waiter = {
      kind: waiter.kind,
      accept: (found) => {
        leave();
        return waiter.accept(found);
      },
    };
    const leave = queue.add(pattern, entry);
    return leave;
  }

  /** @returns ends it; true: it had not ended yet. @throws RESOURCE_EXHAUSTED where there are too many. */
  subscribe(pattern: Pattern, subscriber: Subscriber): () => boolean {
    const { maxSubscriptions } = this.#options;
    if (this.#subscribers.size >= maxSubscriptions) throw tooMany('subscriptions', maxSubscriptions);
    return this.#subscribers.add(pattern, subscriber);
  }
}

function tooMany(what: string, limit: number): PlexSpacesError {
  return new PlexSpacesError('RESOURCE_EXHAUSTED', `tuple space: expected at most ${limit} ${what}, found one more`);
}
