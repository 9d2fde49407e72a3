/**
 * Whether what was counted can still be there. Too many writes in front of a count are a mistake that no later choice
 * mends, and the search is to see it at once.
 */
import type { AgedTuples } from './aged-tuples.ts';
import { leftBy, matches } from './model.ts';
import type { Pattern, Result } from './model.ts';
import { hasBit } from './precedence.ts';
import type { Precedence } from './precedence.ts';
import type { SettledOperation } from './settle-known.ts';

interface Change {
  readonly index: number;
  readonly by: 1 | -1;
  /** It comes before the count for sure; else before or behind it. */
  readonly isBefore: boolean;
}

interface Expected {
  readonly index: number;
  readonly pattern: Pattern;
  readonly count: number;
  readonly changes: readonly Change[];
}

export class ReachableCounts {
  readonly #expected: readonly Expected[];

  constructor(operations: readonly SettledOperation[], precedence: Precedence) {
    this.#expected = operations.flatMap(({ action, result }, index) => {
      const count = countIn(result);
      if (action.kind === 'write' || action.kind === 'swap' || count === undefined) return [];
      const { pattern } = action;
      const changes = operations.flatMap((operation, other): Change[] => {
        if (other === index || precedence.has(index, other)) return [];
        const isBefore = operation.result !== undefined && precedence.has(other, index);
        return changesIn(operation, pattern).map((by) => ({ index: other, by, isBefore }));
      });
      return [{ index, pattern, count, changes }];
    });
  }

  allow(space: AgedTuples, placed: Uint32Array, from: number, to: number): boolean {
    for (const { index, pattern, count, changes } of this.#expected) {
      if (index < from || hasBit(placed, index)) continue;
      if (index > to) break;
      let least = space.count(pattern);
      let most = least;
      for (const change of changes) {
        if (hasBit(placed, change.index)) continue;
        if (change.isBefore || change.by < 0) least += change.by;
        if (change.isBefore || change.by > 0) most += change.by;
      }
      if (count < least || count > most) return false;
    }
    return true;
  }
}

/** How many matches there are, where that is what it says. */
function countIn(result: Result | undefined): number | undefined {
  if (result?.kind === 'counted') return result.count;
  return result?.kind === 'nothing' ? 0 : undefined;
}

function changesIn({ action, result }: SettledOperation, pattern: Pattern): (1 | -1)[] {
  const left = leftBy(action);
  const changes: (1 | -1)[] = left !== undefined && matches(pattern, left) ? [1] : [];
  if (action.kind === 'swap') return matches(pattern, action.expected) ? [...changes, -1] : changes;
  if (action.kind !== 'take') return changes;
  if (result === undefined) return [-1];
  return result.kind === 'found' && matches(pattern, result.tuple) ? [-1] : [];
}
