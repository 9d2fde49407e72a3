/**
 * Whose age can still matter to whom. Most ages are settled by what had to come before what, or nobody ever finds the
 * one where the other one would have been found as well; orders that differ in nothing else are one order.
 */
import type { Item } from './aged-tuples.ts';
import { areEqual, leftBy, matches } from './model.ts';
import type { Tuple } from './model.ts';
import { hasBit } from './precedence.ts';
import type { Precedence } from './precedence.ts';
import type { SettledOperation } from './settle-known.ts';

interface Rival {
  /** The write of a tuple that the looker could have found, or that it found. */
  readonly other: number;
  readonly looker: number;
}

export class Relevance {
  readonly #rivals = new Map<number, Rival[]>();

  constructor(operations: readonly SettledOperation[], precedence: Precedence) {
    const writes = operations.flatMap(({ action }, index) => {
      const tuple = leftBy(action);
      return tuple === undefined ? [] : [{ index, tuple }];
    });
    for (const [looker, operation] of operations.entries()) {
      for (const found of foundBy(operation)) {
        for (const one of writes) {
          if (!areEqual(one.tuple, found)) continue;
          for (const other of writes) {
            if (other.index !== one.index && areRivals(operation, looker, one.index, other, precedence)) {
              this.#add(one.index, { other: other.index, looker });
              this.#add(other.index, { other: one.index, looker });
            }
          }
        }
      }
    }
  }

  /** Those whose age still matters, beside others that are there or are still to be written. */
  live(items: readonly Item[], placed: Uint32Array): Item[] {
    const there = new Set(items.map(({ index }) => index));
    const isLive = ({ other, looker }: Rival): boolean =>
      !hasBit(placed, looker) && (there.has(other) || !hasBit(placed, other));
    return items.filter(({ index }) => this.#rivals.get(index)?.some(isLive) === true);
  }

  #add(index: number, rival: Rival): void {
    const rivals = this.#rivals.get(index) ?? [];
    rivals.push(rival);
    this.#rivals.set(index, rivals);
  }
}

function areRivals(
  { action }: SettledOperation,
  looker: number,
  one: number,
  other: { readonly index: number; readonly tuple: Tuple },
  known: Precedence,
): boolean {
  if (action.kind === 'write' || !matches(action.pattern, other.tuple)) return false;
  if (known.has(one, other.index) || known.has(other.index, one)) return false;
  return !known.has(looker, other.index) && looker !== other.index;
}

/** What it says about the age of these. A swap that found another one than expected does not say which. */
function foundBy({ action, result }: SettledOperation): readonly Tuple[] {
  if (result?.kind === 'found') return [result.tuple];
  if (result?.kind === 'listed') return result.tuples;
  return action.kind === 'swap' ? [action.expected] : [];
}
