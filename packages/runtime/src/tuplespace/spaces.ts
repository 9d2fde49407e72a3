/**
 * The node's tuple spaces, one for each namespace of each tenant, and how their changes become durable.
 *
 * An operation changes memory at once and hands back the store's operations; the caller appends them in the same
 * turn, together with whatever else must stand or fall with them.
 *
 * A1. What is refused is refused before anything changes.
 * A2. A space that holds nothing and for which nobody waits is forgotten.
 */
import { decodeTuple, encodeTuple, fieldsEqual, PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple } from '@plexspaces/core';
import { TupleRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from '../store/checksum.ts';
import { ALL_TUPLES, parseTupleKey, tupleKey } from '../store/key-layout.ts';
import type { Store, StoreOperation } from '../store/store.ts';
import { expectLimit, expectTtl, ReplySize } from './request-limits.ts';
import { resolveSpaceOptions } from './space-options.ts';
import type { ResolvedSpaceOptions, SpaceOptions } from './space-options.ts';
import { Space } from './space.ts';
import type { Found, SpaceFigures, Subscriber, Waiter } from './space.ts';
import { hasExpired } from './stored-tuple.ts';
import type { Lease } from './stored-tuple.ts';

export interface SpacesPorts {
  /** Below it nothing is numbered. Default: 1. */
  readonly firstNumber?: bigint | undefined;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly nowMs?: (() => number) | undefined;
}

export interface Written {
  /** Its lease, where it has a TTL. */
  readonly number: bigint;
  readonly operations: readonly StoreOperation[];
}

/** Each has its own limits, and whoever may write may name one. */
const MAX_SPACES = 1_000;

export class Spaces {
  readonly options: ResolvedSpaceOptions;
  readonly #nowMs: () => number;
  readonly #spaces = new Map<string, Space>();
  /** What removes from the store what has expired. */
  #expired: StoreOperation[] = [];
  #lastNumber: bigint;

  constructor(options?: SpaceOptions, { firstNumber = 1n, nowMs = Date.now }: SpacesPorts = {}) {
    this.options = resolveSpaceOptions(options);
    this.#nowMs = nowMs;
    this.#lastNumber = firstNumber - 1n;
  }

  /** @throws DATA_LOSS at a damaged record. */
  static async load(store: Store, options?: SpaceOptions, ports?: SpacesPorts): Promise<Spaces> {
    const spaces = new Spaces(options, ports);
    for await (const [key, value] of store.range(ALL_TUPLES)) {
      const { space, number } = parseTupleKey(key);
      spaces.#restore(space, number, TupleRecord.decode(unframe(key, value)));
      if (number > spaces.#lastNumber) spaces.#lastNumber = number;
    }
    return spaces;
  }

  /** Blocking reads and takes that wait at this moment. */
  get waiting(): number {
    return this.figures.waiting;
  }

  /** Of all spaces together. */
  get figures(): SpaceFigures & { readonly spaces: number } {
    const all = { spaces: this.#spaces.size, tuples: 0, bytes: 0, waiting: 0, subscriptions: 0 };
    for (const { figures } of this.#spaces.values()) {
      all.tuples += figures.tuples;
      all.bytes += figures.bytes;
      all.waiting += figures.waiting;
      all.subscriptions += figures.subscriptions;
    }
    return all;
  }

  /**
   * @param writer the actor's address; empty for a client.
   * @param ttlMs undefined: it stays.
   * @throws RESOURCE_EXHAUSTED past the limits of a tuple or of the space, INVALID_ARGUMENT (A1).
   */
  write(space: string, tuple: Tuple, writer: string, ttlMs?: number): Written {
    const bytes = encodeTuple(tuple);
    const lease = ttlMs === undefined ? undefined : this.#lease(writer, ttlMs);
    const held = this.#opened(space);
    held.expectRoom(bytes.length);
    return this.#put(space, held, tuple, { tuple: bytes, writer, lease });
  }

  /** @returns what is to be appended; undefined: the tuple is gone, or was never here. @throws INVALID_ARGUMENT */
  renew(space: string, lease: bigint, ttlMs: number): readonly StoreOperation[] | undefined {
    expectTtl(ttlMs);
    const stored = this.#current(space)?.leased(lease);
    if (stored?.lease === undefined || hasExpired(stored, this.#nowMs())) return undefined;
    const { writer, writtenAt } = stored.lease;
    const renewed = { ...this.#lease(writer, ttlMs), writtenAt };
    this.#spaces.get(space)?.renew(stored, renewed);
    return [putTuple(tupleKey(space, lease), encodeTuple(stored.tuple), writer, renewed)];
  }

  read(space: string, pattern: Pattern): Tuple | undefined {
    return this.#current(space)?.oldest(pattern, this.#nowMs())?.tuple;
  }

  take(space: string, pattern: Pattern): Found | undefined {
    const held = this.#current(space);
    const stored = held?.oldest(pattern, this.#nowMs());
    if (held === undefined || stored === undefined) return undefined;
    held.remove(stored);
    this.#forgetIfEmpty(space, held);
    return { tuple: stored.tuple, operations: [{ type: 'del', key: tupleKey(space, stored.number) }] };
  }

  /** `read` or `take`, in one form. */
  look(space: string, pattern: Pattern, kind: Waiter['kind']): Found | undefined {
    if (kind === 'take') return this.take(space, pattern);
    const tuple = this.read(space, pattern);
    return tuple === undefined ? undefined : { tuple, operations: [] };
  }

  /** @throws INVALID_ARGUMENT for a limit outside 1-10,000, RESOURCE_EXHAUSTED where the matches are too many bytes. */
  readAll(space: string, pattern: Pattern, limit: number): Tuple[] {
    expectLimit(limit);
    const found: Tuple[] = [];
    const size = new ReplySize();
    this.#current(space)?.each(pattern, this.#nowMs(), (stored) => {
      size.add(stored);
      found.push(stored.tuple);
      return found.length < limit;
    });
    return found;
  }

  count(space: string, pattern: Pattern): number {
    return this.#current(space)?.count(pattern, this.#nowMs()) ?? 0;
  }

  /**
   * Replaces the oldest match where it equals `expected`: it is gone, and the replacement is a new tuple.
   * @returns what is to be appended; undefined: there was no match, or another one. @throws as write does (A1).
   */
  compareAndSwap(
    space: string,
    pattern: Pattern,
    { expected, replacement, writer }: { expected: Tuple; replacement: Tuple; writer: string },
  ): readonly StoreOperation[] | undefined {
    const bytes = encodeTuple(replacement);
    const held = this.#current(space);
    const oldest = held?.oldest(pattern, this.#nowMs());
    if (held === undefined || oldest === undefined || !tuplesEqual(oldest.tuple, expected)) return undefined;
    held.expectRoom(bytes.length, oldest);
    held.remove(oldest);
    const { operations } = this.#put(space, held, replacement, { tuple: bytes, writer, lease: undefined });
    return [{ type: 'del', key: tupleKey(space, oldest.number) }, ...operations];
  }

  /**
   * Waits for a write that matches; what is there already is not looked at.
   * @returns leaves; true: it was still waiting. @throws RESOURCE_EXHAUSTED where too many wait.
   */
  waitFor(space: string, pattern: Pattern, waiter: Waiter): () => boolean {
    const held = this.#opened(space);
    return this.#entered(space, held, held.wait(pattern, waiter));
  }

  /** @returns ends it; true: it had not ended yet. @throws RESOURCE_EXHAUSTED where there are too many. */
  subscribe(space: string, pattern: Pattern, subscriber: Subscriber): () => boolean {
    const held = this.#opened(space);
    return this.#entered(space, held, held.subscribe(pattern, subscriber));
  }

  /** Removes some `limit` of what has expired, also where nobody looks. @returns what is to be appended. */
  sweep(limit: number): readonly StoreOperation[] {
    for (const space of this.#spaces.keys()) {
      for (let before = -1; before < this.#expired.length && this.#expired.length < limit;) {
        before = this.#expired.length;
        this.#current(space);
      }
    }
    const operations = this.#expired;
    this.#expired = [];
    return operations;
  }

  #put(space: string, held: Space, tuple: Tuple, { tuple: bytes, writer, lease }: NewTuple): Written {
    this.#lastNumber += 1n;
    const number = this.#lastNumber;
    const key = tupleKey(space, number);
    const { isTaken, operations } = held.offer(tuple, bytes.length, { type: 'del', key });
    if (isTaken) {
      this.#forgetIfEmpty(space, held);
      return { number, operations };
    }
    held.add({ number, tuple, bytes: bytes.length, lease, links: [] });
    this.#spaces.set(space, held);
    return { number, operations: [putTuple(key, bytes, writer, lease), ...operations] };
  }

  #restore(space: string, number: bigint, { tuple: bytes, writer, writtenAt, expiresAt }: TupleRecord): void {
    const lease =
      expiresAt === undefined
        ? undefined
        : { expiresAtMs: expiresAt.getTime(), writer, writtenAt: writtenAt ?? new Date(0) };
    const held = this.#spaces.get(space) ?? new Space(this.options);
    held.add({ number, tuple: decodeTuple(bytes), bytes: bytes.length, lease, links: [] });
    this.#spaces.set(space, held);
  }

  #lease(writer: string, ttlMs: number): Lease {
    const nowMs = this.#nowMs();
    return { expiresAtMs: nowMs + expectTtl(ttlMs), writer, writtenAt: new Date(nowMs) };
  }

  /** The space as it is now; undefined: nothing is there. */
  #current(space: string): Space | undefined {
    const held = this.#spaces.get(space);
    if (held === undefined) return undefined;
    const expired = held.expire(this.#nowMs());
    if (expired.length === 0) return held;
    for (const { number } of expired) this.#expired.push({ type: 'del', key: tupleKey(space, number) });
    this.#forgetIfEmpty(space, held);
    return held;
  }

  /** A new one is kept by whoever brings something into it (A2). @throws RESOURCE_EXHAUSTED where there are too many. */
  #opened(space: string): Space {
    const held = this.#current(space);
    if (held !== undefined) return held;
    if (this.#spaces.size < MAX_SPACES) return new Space(this.options);
    throw new PlexSpacesError('RESOURCE_EXHAUSTED', `expected at most ${MAX_SPACES} tuple spaces, found one more`);
  }

  #entered(space: string, held: Space, leave: () => boolean): () => boolean {
    this.#spaces.set(space, held);
    return () => {
      const wasThere = leave();
      if (wasThere) this.#forgetIfEmpty(space, held);
      return wasThere;
    };
  }

  /** A2 */
  #forgetIfEmpty(space: string, held: Space): void {
    if (held.isEmpty) this.#spaces.delete(space);
  }
}

interface NewTuple {
  /** In its binary form. */
  readonly tuple: Uint8Array;
  readonly writer: string;
  readonly lease: Lease | undefined;
}

function putTuple(key: string, tuple: Uint8Array, writer: string, lease: Lease | undefined): StoreOperation {
  const writtenAt = lease?.writtenAt ?? new Date();
  const expiresAt = lease === undefined ? undefined : new Date(lease.expiresAtMs);
  return { type: 'put', key, value: frameMessage(TupleRecord, { tuple, writer, writtenAt, expiresAt }) };
}

function tuplesEqual(a: Tuple, b: Tuple): boolean {
  return (
    a.length === b.length &&
    a.every((field, place) => {
      const other = b[place];
      return other !== undefined && fieldsEqual(field, other);
    })
  );
}
