/**
 * What a whole history says about its operations without a result, before any order is looked for: a search would find
 * it out as well, but late, and would try much behind each wrong guess.
 *
 * - A write whose tuple was found by somebody took effect.
 * - A tuple that somebody is known to have taken was taken by nobody else.
 * - What changes nothing was not, for all that anybody can tell.
 * - A tuple that nobody found, and that is missing later, was not written if all that can have taken it took others.
 * - Who can have taken nothing that is missing took nothing.
 */
import { areEqual, leftBy, matches } from './model.ts';
import type { Operation, Tuple } from './model.ts';

export interface SettledOperation extends Operation {
  /** The tuple that it leaves goes to one who is known to have it. */
  readonly isAccountedFor: boolean;
  /** No other operation leaves an equal one. */
  readonly isOnlyWriter: boolean;
}

export function settleKnown(history: readonly Operation[]): SettledOperation[] {
  const writers = tally(history.map(({ action }) => leftBy(action)));
  const found = tally(history.flatMap((operation) => [...tuplesFound(operation), tupleRemoved(operation)]));
  const gone = tally(history.map(tupleRemoved));
  const settled = history.flatMap((operation): SettledOperation[] => {
    const { action, result } = operation;
    const text = JSON.stringify(leftBy(action));
    const isOnlyWriter = writers.get(text) === 1;
    const one = { ...operation, isAccountedFor: isOnlyWriter && gone.has(text), isOnlyWriter };
    if (result !== undefined) return [one];
    if (action.kind === 'write' && isOnlyWriter && found.has(text)) return [{ ...one, result: WRITTEN }];
    return action.kind === 'write' || action.kind === 'take' || action.kind === 'swap' ? [one] : [];
  });
  return withoutImpossible(
    settled,
    new Set(writers.keys().filter((text) => writers.get(text) === 1 && !found.has(text))),
  );
}

/** @param unseen tuples that one operation left, if it was, and nobody found. */
function withoutImpossible(operations: readonly SettledOperation[], unseen: ReadonlySet<string>): SettledOperation[] {
  const removers = operations.filter(({ action, result }) => result === undefined && action.kind !== 'write');
  const vanished = operations.filter((operation) => hasVanished(operation, operations));
  const kept = operations.filter((operation) => {
    if (operation.result !== undefined) return true;
    const left = leftBy(operation.action);
    if (left !== undefined && unseen.has(JSON.stringify(left)) && isMissed(left, operation.end, operations)) {
      const able = removers.filter((remover) => remover !== operation && canRemove(remover, left));
      if (able.length <= vanished.filter((other) => needsOneOf(other, able, removers)).length) return false;
    }
    return operation.action.kind === 'write' || operations.some((other) => isThereFor(operation, other));
  });
  return kept.length === operations.length ? kept : withoutImpossible(kept, unseen);
}

/** It was there for sure, nobody is known to have taken it, and later it was not there. */
function hasVanished(operation: SettledOperation, operations: readonly SettledOperation[]): boolean {
  const { action, result, end, isOnlyWriter, isAccountedFor } = operation;
  if (action.kind !== 'write' || result === undefined || !isOnlyWriter || isAccountedFor) return false;
  return isMissed(action.tuple, end, operations);
}

function needsOneOf({ action }: SettledOperation, able: readonly Operation[], removers: readonly Operation[]): boolean {
  const left = leftBy(action);
  return left !== undefined && removers.every((remover) => !canRemove(remover, left) || able.includes(remover));
}

/** Whether somebody who was called later saw all matches, and this was none of them. */
function isMissed(tuple: Tuple, after: number, operations: readonly Operation[]): boolean {
  return operations.some(({ call, action, result }) => {
    return call > after && action.kind !== 'write' && result?.kind === 'nothing' && matches(action.pattern, tuple);
  });
}

function isThereFor(remover: Operation, other: SettledOperation): boolean {
  const left = leftBy(other.action);
  return other !== remover && left !== undefined && !other.isAccountedFor && canRemove(remover, left);
}

/** If it is an operation that removes anything. */
export function canRemove({ action }: Operation, tuple: Tuple): boolean {
  if (action.kind === 'swap') return areEqual(action.expected, tuple);
  return action.kind === 'take' && matches(action.pattern, tuple);
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
