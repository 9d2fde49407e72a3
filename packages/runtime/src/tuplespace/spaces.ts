/**
 * The node's tuple spaces, one for each namespace, and how their changes become durable.
 *
 * An operation changes memory at once and hands back the store's operations; the caller appends them,
 * together with whatever else must stand or fall with them.
 */
import { decodeTuple, encodeTuple, PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple } from '@plexspaces/core';
import { TupleRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from '../store/checksum.ts';
import { ALL_TUPLES, parseTupleKey, tupleKey } from '../store/key-layout.ts';
import type { Store, StoreOperation } from '../store/store.ts';
import { Space } from './space.ts';
import type { SpaceLimits } from './space.ts';

const DEFAULT_LIMITS: SpaceLimits = { maxTuples: 2_000_000, maxBytes: 1_073_741_824 };

/** Each has its own limits, and whoever may write may name one. */
const MAX_NAMESPACES = 1_000;

export interface Taken {
  readonly tuple: Tuple;
  readonly operations: readonly StoreOperation[];
}

export class Spaces {
  readonly #limits: SpaceLimits;
  readonly #spaces = new Map<string, Space>();
  #lastNumber = 0n;

  constructor(limits: SpaceLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** @throws DATA_LOSS at a damaged record. */
  static async load(store: Store, limits?: SpaceLimits): Promise<Spaces> {
    const spaces = new Spaces(limits);
    for await (const [key, value] of store.range(ALL_TUPLES)) {
      const { namespace, number } = parseTupleKey(key);
      const { tuple } = TupleRecord.decode(unframe(key, value));
      spaces.#space(namespace).add({ number, tuple: decodeTuple(tuple), bytes: tuple.length });
      if (number > spaces.#lastNumber) spaces.#lastNumber = number;
    }
    return spaces;
  }

  /**
   * @param writer the actor's address; empty for a client.
   * @throws RESOURCE_EXHAUSTED past the limits of a tuple or of the space, before anything changes.
   */
  write(namespace: string, tuple: Tuple, writer: string): StoreOperation[] {
    const bytes = encodeTuple(tuple);
    const space = this.#space(namespace);
    space.expectRoom(bytes.length);
    this.#lastNumber += 1n;
    space.add({ number: this.#lastNumber, tuple, bytes: bytes.length });
    const value = frameMessage(TupleRecord, { tuple: bytes, writer, writtenAt: new Date() });
    return [{ type: 'put', key: tupleKey(namespace, this.#lastNumber), value }];
  }

  read(namespace: string, pattern: Pattern): Tuple | undefined {
    return this.#spaces.get(namespace)?.read(pattern)?.tuple;
  }

  take(namespace: string, pattern: Pattern): Taken | undefined {
    const taken = this.#spaces.get(namespace)?.take(pattern);
    if (taken === undefined) return undefined;
    return { tuple: taken.tuple, operations: [{ type: 'del', key: tupleKey(namespace, taken.number) }] };
  }

  count(namespace: string, pattern: Pattern): number {
    return this.#spaces.get(namespace)?.count(pattern) ?? 0;
  }

  #space(namespace: string): Space {
    const found = this.#spaces.get(namespace);
    if (found !== undefined) return found;
    if (this.#spaces.size >= MAX_NAMESPACES) {
      throw new PlexSpacesError('RESOURCE_EXHAUSTED', `expected at most ${MAX_NAMESPACES} namespaces, found one more`);
    }
    const made = new Space(this.#limits);
    this.#spaces.set(namespace, made);
    return made;
  }
}
