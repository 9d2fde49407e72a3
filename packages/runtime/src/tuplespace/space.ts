/**
 * Linda's tuple space, one namespace of it, in memory and ordered by age.
 *
 * S1. A tuple is taken at most once: a take removes it in the same turn that found it.
 * S2. Reads and takes find the oldest match.
 *
 * Tuples are filed by arity, and by arity and first field; a pattern with an exact first field looks
 * only at tuples that agree with it there. The space writes nothing: spaces.ts makes its changes
 * durable. After D. Gelernter, "Generative Communication in Linda" (1985).
 */
import { encodeField, matches, PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple } from '@plexspaces/core';

export interface StoredTuple {
  /** Grows with age across all namespaces of the node. */
  readonly number: bigint;
  readonly tuple: Tuple;
  readonly bytes: number;
}

export interface SpaceLimits {
  readonly maxTuples: number;
  readonly maxBytes: number;
}

/** A Map keeps the order of insertion, which is the order of age. */
type Shelf = Map<bigint, StoredTuple>;

export class Space {
  readonly #limits: SpaceLimits;
  readonly #byArity = new Map<number, Shelf>();
  readonly #byFirstField = new Map<string, Shelf>();
  #tuples = 0;
  #bytes = 0;

  constructor(limits: SpaceLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#tuples;
  }

  /** @throws RESOURCE_EXHAUSTED where the tuple would pass the space's limits. */
  expectRoom(bytes: number): void {
    if (this.#tuples < this.#limits.maxTuples && this.#bytes + bytes <= this.#limits.maxBytes) return;
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `tuple space: expected at most ${this.#limits.maxTuples} tuples and ${this.#limits.maxBytes} bytes, ` +
        `found ${this.#tuples} tuples and ${this.#bytes} bytes`,
    );
  }

  /** Numbers come in ascending order. */
  add(stored: StoredTuple): void {
    for (const shelf of this.#shelvesOf(stored.tuple)) shelf.set(stored.number, stored);
    this.#tuples += 1;
    this.#bytes += stored.bytes;
  }

  read(pattern: Pattern): StoredTuple | undefined {
    for (const stored of this.#candidates(pattern)) {
      if (matches(pattern, stored.tuple)) return stored; // S2
    }
    return undefined;
  }

  take(pattern: Pattern): StoredTuple | undefined {
    const stored = this.read(pattern);
    if (stored !== undefined) this.#remove(stored); // S1
    return stored;
  }

  count(pattern: Pattern): number {
    let found = 0;
    for (const stored of this.#candidates(pattern)) {
      if (matches(pattern, stored.tuple)) found += 1;
    }
    return found;
  }

  #candidates(pattern: Pattern): Iterable<StoredTuple> {
    const [first] = pattern;
    const shelf =
      first?.match === 'exact'
        ? this.#byFirstField.get(firstFieldKey(pattern.length, encodeField(first.field)))
        : this.#byArity.get(pattern.length);
    return shelf?.values() ?? [];
  }

  #remove(stored: StoredTuple): void {
    for (const shelf of this.#shelvesOf(stored.tuple)) shelf.delete(stored.number);
    this.#dropEmptyShelves(stored.tuple);
    this.#tuples -= 1;
    this.#bytes -= stored.bytes;
  }

  #shelvesOf(tuple: Tuple): Shelf[] {
    const shelves = [shelfAt(this.#byArity, tuple.length)];
    const key = firstKeyOf(tuple);
    if (key !== undefined) shelves.push(shelfAt(this.#byFirstField, key));
    return shelves;
  }

  /** First fields come and go without end; their shelves must not stay. */
  #dropEmptyShelves(tuple: Tuple): void {
    const key = firstKeyOf(tuple);
    if (key !== undefined && this.#byFirstField.get(key)?.size === 0) this.#byFirstField.delete(key);
  }
}

function shelfAt<K>(shelves: Map<K, Shelf>, key: K): Shelf {
  const found = shelves.get(key);
  if (found !== undefined) return found;
  const made: Shelf = new Map();
  shelves.set(key, made);
  return made;
}

function firstKeyOf(tuple: Tuple): string | undefined {
  const [first] = tuple;
  return first === undefined ? undefined : firstFieldKey(tuple.length, encodeField(first));
}

function firstFieldKey(arity: number, field: Uint8Array): string {
  return `${arity}:${Buffer.from(field).toString('latin1')}`;
}
