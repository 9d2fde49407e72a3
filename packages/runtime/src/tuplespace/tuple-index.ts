/**
 * The index of one space: finds the oldest match of a pattern by arity and leading exact fields.
 *
 * X1. What a look-up costs grows with the tuples that agree with the pattern up to its first field that is not
 *     exact (of the first 8), never with others.
 * X2. Matches come oldest first.
 */
import { matches } from '@plexspaces/core';
import type { Pattern } from '@plexspaces/core';
import { Shelf } from './shelf.ts';
import { hasExpired } from './stored-tuple.ts';
import type { StoredTuple } from './stored-tuple.ts';

export class TupleIndex {
  readonly #byArity = new Map<number, Shelf>();

  /** It is the youngest. */
  add(stored: StoredTuple): void {
    const arity = stored.tuple.length;
    let shelf = this.#byArity.get(arity);
    if (shelf === undefined) {
      shelf = new Shelf();
      this.#byArity.set(arity, shelf);
    }
    shelf.place(stored);
  }

  remove(stored: StoredTuple): void {
    for (const link of stored.links) link.queue.remove(link);
    stored.links.length = 0;
  }

  oldest(pattern: Pattern, nowMs: number): StoredTuple | undefined {
    for (let link = this.#narrow(pattern)?.oldest; link !== undefined; link = link.younger) {
      if (isMatch(pattern, link.value, nowMs)) return link.value; // X2
    }
    return undefined;
  }

  /** Calls `visit` with each match, the oldest first, until it says false. */
  each(pattern: Pattern, nowMs: number, visit: (stored: StoredTuple) => boolean): void {
    for (let link = this.#narrow(pattern)?.oldest; link !== undefined; link = link.younger) {
      if (isMatch(pattern, link.value, nowMs) && !visit(link.value)) return;
    }
  }

  /** @param nowMs undefined: nothing that is here has expired. */
  count(pattern: Pattern, nowMs: number | undefined): number {
    const shelf = this.#narrow(pattern);
    if (shelf === undefined) return 0;
    if (nowMs === undefined && pattern.every(({ match }, place) => place < shelf.depth || match === 'any')) {
      return shelf.size;
    }
    let found = 0;
    for (let link = shelf.oldest; link !== undefined; link = link.younger) {
      if (isMatch(pattern, link.value, nowMs ?? -Infinity)) found += 1;
    }
    return found;
  }

  /** X1: the smallest shelf on which all matches stand. */
  #narrow(pattern: Pattern): Shelf | undefined {
    let shelf = this.#byArity.get(pattern.length);
    for (const wanted of pattern) {
      if (wanted.match !== 'exact' || shelf === undefined) break;
      const below: Shelf | undefined = shelf.narrow(wanted.field);
      if (below === shelf) break;
      shelf = below;
    }
    return shelf;
  }
}

function isMatch(pattern: Pattern, stored: StoredTuple, nowMs: number): boolean {
  return matches(pattern, stored.tuple) && !hasExpired(stored, nowMs);
}
