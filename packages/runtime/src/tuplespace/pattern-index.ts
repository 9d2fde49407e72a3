/**
 * Who waits for tuples, by pattern: the reverse of the index of tuples.
 *
 * P1. What a written tuple costs grows with the entries whose leading exact fields (the first 8 of them) it has,
 *     never with others.
 * P2. Entries come in the order in which they were added.
 * P3. A branch that got empty is gone.
 */
import { matches } from '@plexspaces/core';
import type { Pattern, Tuple } from '@plexspaces/core';
import { fieldKey, MAX_INDEXED_FIELDS } from './field-key.ts';
import type { FieldKey } from './field-key.ts';
import { Fifo } from './fifo.ts';
import type { Link } from './fifo.ts';

interface Entry<Value> {
  readonly pattern: Pattern;
  readonly value: Value;
  /** Ascending in the order of adding. */
  readonly order: number;
}

/** Entries whose patterns have the same leading exact fields, and no more of them that are looked at. */
class Branch<Value> extends Fifo<Entry<Value>> {
  readonly below = new Map<FieldKey, Branch<Value>>();
  readonly #above: { readonly branch: Branch<Value>; readonly key: FieldKey } | undefined;

  constructor(above?: { readonly branch: Branch<Value>; readonly key: FieldKey }) {
    super();
    this.#above = above;
  }

  at(key: FieldKey): Branch<Value> {
    const found = this.below.get(key);
    if (found !== undefined) return found;
    const made = new Branch<Value>({ branch: this, key });
    this.below.set(key, made);
    return made;
  }

  override remove(link: Link<Entry<Value>>): void {
    super.remove(link);
    this.#goWhereEmpty();
  }

  /** P3 */
  #goWhereEmpty(): void {
    if (this.size > 0 || this.below.size > 0 || this.#above === undefined) return;
    this.#above.branch.below.delete(this.#above.key);
    this.#above.branch.#goWhereEmpty();
  }
}

export class PatternIndex<Value> {
  readonly #byArity = new Map<number, Branch<Value>>();
  #lastOrder = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns takes it out again; the first time it says true, since it was still here. */
  add(pattern: Pattern, value: Value): () => boolean {
    this.#lastOrder += 1;
    this.#size += 1;
    const entry = { pattern, value, order: this.#lastOrder };
    const branch = this.#branchOf(pattern);
    let link: Link<Entry<Value>> | undefined = branch.append(entry);
    return () => {
      if (link === undefined) return false;
      branch.remove(link);
      link = undefined;
      this.#size -= 1;
      return true;
    };
  }

  /** The one that was added first, of those whose pattern the tuple matches. */
  oldest(tuple: Tuple): Value | undefined {
    let oldest: Entry<Value> | undefined;
    for (const branch of this.#branchesFor(tuple)) {
      const entry = oldestIn(branch, tuple);
      if (entry !== undefined && (oldest === undefined || entry.order < oldest.order)) oldest = entry;
    }
    return oldest?.value;
  }

  /** All whose pattern the tuple matches, in the order of adding (P2). */
  all(tuple: Tuple): Value[] {
    const found: Entry<Value>[] = [];
    for (const branch of this.#branchesFor(tuple)) {
      for (let link = branch.oldest; link !== undefined; link = link.younger) {
        if (matches(link.value.pattern, tuple)) found.push(link.value);
      }
    }
    return found.toSorted((a, b) => a.order - b.order).map(({ value }) => value);
  }

  #branchOf(pattern: Pattern): Branch<Value> {
    let branch = this.#byArity.get(pattern.length);
    if (branch === undefined) {
      branch = new Branch();
      this.#byArity.set(pattern.length, branch);
    }
    for (const wanted of pattern.slice(0, MAX_INDEXED_FIELDS)) {
      if (wanted.match !== 'exact') break;
      branch = branch.at(fieldKey(wanted.field));
    }
    return branch;
  }

  /** P1 */
  #branchesFor(tuple: Tuple): Branch<Value>[] {
    if (this.#size === 0) return [];
    const branches: Branch<Value>[] = [];
    let branch = this.#byArity.get(tuple.length);
    for (const field of tuple) {
      if (branch === undefined) return branches;
      branches.push(branch);
      branch = branch.below.size === 0 ? undefined : branch.below.get(fieldKey(field));
    }
    if (branch !== undefined) branches.push(branch);
    return branches;
  }
}

function oldestIn<Value>(branch: Branch<Value>, tuple: Tuple): Entry<Value> | undefined {
  for (let link = branch.oldest; link !== undefined; link = link.younger) {
    if (matches(link.value.pattern, tuple)) return link.value;
  }
  return undefined;
}
