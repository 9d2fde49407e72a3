/**
 * What a whole history says about its operations without a result, before any order is looked for: a search would find
 * it out as well, but late, and would try much behind each wrong guess.
 *
 * - A write whose tuple was found by somebody took effect.
 * - A tuple that somebody is known to have taken was taken by nobody else.
 * - What changes nothing was not, for all that anybody can tell.
 */
import { leftBy } from './model.ts';
import type { Operation, Tuple } from './model.ts';

export interface SettledOperation extends Operation {
  /** The tuple that it leaves goes to one who is known to have it. */
  readonly isAccountedFor: boolean;
}

export function settleKnown(history: readonly Operation[]): SettledOperation[] {
  const writers = tally(history.map(({ action }) => leftBy(action)));
  const found = tally(history.flatMap(tuplesFound));
  const gone = tally(history.map(tupleRemoved));
  return history.flatMap((operation) => {
    const { action, result } = operation;
    const text = JSON.stringify(leftBy(action));
    const isOnlyWriter = writers.get(text) === 1;
    const settled = { ...operation, isAccountedFor: isOnlyWriter && gone.has(text) };
    if (result !== undefined) return [settled];
    if (action.kind === 'write' && isOnlyWriter && found.has(text)) return [{ ...settled, result: WRITTEN }];
    return action.kind === 'write' || action.kind === 'take' || action.kind === 'swap' ? [settled] : [];
  });
}

const WRITTEN = { kind: 'written' } as const;

function tuplesFound({ result }: Operation): readonly Tuple[] {
  if (result?.kind === 'found') return [result.tuple];
  return result?.kind === 'listed' ? result.tuples : [];
}

function tupleRemoved({ action, result }: Operation): Tuple | undefined {
  if (action.kind === 'take' && result?.kind === 'found') return result.tuple;
  return action.kind === 'swap' && result?.kind === 'swapped' && result.isSwapped ? action.expected : undefined;
}

function tally(tuples: readonly (Tuple | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const tuple of tuples) {
    const text = JSON.stringify(tuple);
    if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}
