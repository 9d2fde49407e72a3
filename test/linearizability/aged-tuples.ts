/**
 * The tuples that are in the space at one point of a linearization, with what is known of their ages.
 *
 * Writes that follow each other immediately could as well stand in another order, as long as none of them had ended
 * before the other one was called. So their order is left open until something was found: what was found is older
 * than all else that matches. That keeps a search from trying every order of concurrent writes.
 *
 * A1. `older` is closed: who is older than an older one is older.
 * A2. An item in `recent` was written after the last operation that was no write; all others are older than what
 *     is written next.
 */
import { matches } from './model.ts';
import type { Pattern, Tuple } from './model.ts';
import type { Precedence } from './precedence.ts';

/** One tuple in the space. */
export interface Item {
  readonly tuple: Tuple;
  /** Of the operation that wrote it. */
  readonly index: number;
  readonly call: number;
  readonly end: number;
  /** Somebody is known to take it. */
  readonly isAccountedFor: boolean;
}

const NOBODY: ReadonlySet<Item> = new Set();

export class AgedTuples {
  static readonly none: AgedTuples = new AgedTuples(new Map(), new Set());
  readonly #older: ReadonlyMap<Item, ReadonlySet<Item>>;
  readonly #recent: ReadonlySet<Item>;

  private constructor(older: ReadonlyMap<Item, ReadonlySet<Item>>, recent: ReadonlySet<Item>) {
    this.#older = older;
    this.#recent = recent;
  }

  get items(): Item[] {
    return [...this.#older.keys()];
  }

  count(pattern: Pattern): number {
    return this.#matching(pattern).length;
  }

  add(item: Item, known: Precedence): AgedTuples {
    const isSure = (other: Item): boolean => other.end < item.call || known.has(other.index, item.index);
    const sure = this.items.filter((other) => !this.#recent.has(other) || isSure(other)); // A2
    const before = new Set(sure);
    for (const other of sure) for (const older of this.#olderThan(other)) before.add(older); // A1
    return new AgedTuples(new Map(this.#older).set(item, before), new Set(this.#recent).add(item));
  }

  /** An operation was here that was no write. */
  settle(): AgedTuples {
    return this.#recent.size === 0 ? this : new AgedTuples(this.#older, new Set());
  }

  /** All that could be the oldest match, without the items that are looked over. */
  oldest(pattern: Pattern, except: ReadonlySet<Item> = NOBODY): Item[] {
    const matching = this.#matching(pattern).filter((item) => !except.has(item));
    return matching.filter((item) => !matching.some((other) => this.#olderThan(item).has(other)));
  }

  /** What is known when one of these was it. */
  withOldest(item: Item, pattern: Pattern, except: ReadonlySet<Item> = NOBODY): AgedTuples {
    const younger = this.#matching(pattern).filter((other) => other !== item && !except.has(other));
    if (younger.every((other) => this.#olderThan(other).has(item))) return this;
    const before = [item, ...this.#olderThan(item)];
    const older = new Map(this.#older);
    for (const [other, known] of this.#older) {
      const isAfter = younger.some((each) => each === other || known.has(each));
      if (isAfter) older.set(other, new Set([...known, ...before])); // A1
    }
    return new AgedTuples(older, this.#recent);
  }

  remove(item: Item): AgedTuples {
    const older = new Map<Item, ReadonlySet<Item>>();
    for (const [other, known] of this.#older) if (other !== item) older.set(other, without(known, item));
    return new AgedTuples(older, without(this.#recent, item));
  }

  /**
   * Whether all that can follow the other one can follow this one: the same tuples are there, and no more is known of
   * those whose age matters.
   */
  allows(other: AgedTuples, live: readonly Item[]): boolean {
    if (this.#older.size !== other.#older.size) return false;
    if (!live.every((item) => this.#recent.has(item) || !other.#recent.has(item))) return false;
    const isKnownThere = (item: Item): boolean =>
      live.every((each) => !this.#olderThan(item).has(each) || other.#olderThan(item).has(each));
    return this.items.every((item) => other.#older.has(item)) && live.every(isKnownThere);
  }

  #matching(pattern: Pattern): Item[] {
    return this.items.filter(({ tuple }) => matches(pattern, tuple));
  }

  #olderThan(item: Item): ReadonlySet<Item> {
    return this.#older.get(item) ?? NOBODY;
  }
}

function without(items: ReadonlySet<Item>, gone: Item): ReadonlySet<Item> {
  if (!items.has(gone)) return items;
  const kept = new Set(items);
  kept.delete(gone);
  return kept;
}
