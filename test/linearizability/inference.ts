/**
 * What must come before what in a history, as far as that can be said without trying orders. A tuple that was written
 * once has one write and at most one take, and whoever found it came between them; whoever found another match instead,
 * or none, says more. What follows from it is drawn until nothing new comes of it.
 *
 * A search alone would meet most of this late, far behind the choice that was wrong.
 */
import { areEqual, leftBy, matches } from './model.ts';
import type { Pattern, Tuple } from './model.ts';
import { Precedence } from './precedence.ts';
import type { SettledOperation } from './settle-known.ts';

/** A tuple that was written once, and took effect for sure. */
interface Life {
  readonly tuple: Tuple;
  readonly write: number;
  readonly take: number | undefined;
  /** Nobody is known to have taken it, and somebody may have. */
  readonly mayVanish: boolean;
}

/** Looks at the oldest matches, and sees these; `isAll`: there were no others. */
interface Look {
  readonly index: number;
  readonly pattern: Pattern;
  readonly seen: readonly Tuple[];
  readonly isAll: boolean;
  /** What it saw is gone behind it. */
  readonly isTake: boolean;
}

/** Up to the first pair of which each must come before the other. */
export function inferPrecedence(operations: readonly SettledOperation[]): Precedence {
  const precedence = new Precedence(operations.length);
  inTime(operations, precedence);
  const lives = livesIn(operations);
  const looks = operations.flatMap(lookOf);
  const byText = new Map(lives.map((life) => [JSON.stringify(life.tuple), life]));
  for (let before = -1; before !== precedence.size && precedence.conflict === undefined;) {
    before = precedence.size;
    for (const look of looks) inferFrom(look, lives, byText, precedence);
    for (const [index, operation] of operations.entries())
      inferFromCount(index, operation, lives, operations, precedence);
  }
  return precedence;
}

/** Operations without a result are left out: whether they were is not known. */
function inTime(operations: readonly SettledOperation[], precedence: Precedence): void {
  const known = operations.map(({ result }) => result !== undefined);
  for (const [second, { call }] of operations.entries()) {
    for (const [first, { end }] of operations.entries()) {
      if (end < call && known[first] === true && known[second] === true) precedence.addInTime(first, second);
    }
  }
}

function livesIn(operations: readonly SettledOperation[]): Life[] {
  const written = new Map<string, number>();
  for (const { action } of operations) {
    const text = JSON.stringify(leftBy(action));
    if (text !== undefined) written.set(text, (written.get(text) ?? 0) + 1);
  }
  return operations.flatMap(({ action, result }, write) => {
    const tuple = leftBy(action);
    const isSure = result !== undefined && !(result.kind === 'swapped' && !result.isSwapped);
    if (tuple === undefined || !isSure || written.get(JSON.stringify(tuple)) !== 1) return [];
    const take = operations.findIndex((operation) => takes(operation, tuple));
    const mayVanish = take < 0 && operations.some((operation) => mayTake(operation, tuple));
    return [{ tuple, write, take: take < 0 ? undefined : take, mayVanish }];
  });
}

function takes({ action, result }: SettledOperation, tuple: Tuple): boolean {
  if (action.kind === 'take') return result?.kind === 'found' && areEqual(result.tuple, tuple);
  if (action.kind !== 'swap') return false;
  return result?.kind === 'swapped' && result.isSwapped && areEqual(action.expected, tuple);
}

function mayTake({ action, result }: SettledOperation, tuple: Tuple): boolean {
  if (result !== undefined) return false;
  return (action.kind === 'take' || action.kind === 'swap') && matches(action.pattern, tuple);
}

function lookOf({ action, result }: SettledOperation, index: number): Look[] {
  if (action.kind === 'write' || result === undefined) return [];
  const { pattern } = action;
  switch (result.kind) {
    case 'found':
      return [{ index, pattern, seen: [result.tuple], isAll: false, isTake: action.kind === 'take' }];
    case 'nothing':
      return [{ index, pattern, seen: [], isAll: true, isTake: false }];
    case 'listed': {
      const isAll = action.kind === 'read-all' && result.tuples.length < action.limit;
      return [{ index, pattern, seen: result.tuples, isAll, isTake: false }];
    }
    case 'swapped':
      return result.isSwapped && action.kind === 'swap'
        ? [{ index, pattern, seen: [action.expected], isAll: false, isTake: true }]
        : [];
    case 'counted':
    case 'written':
      return [];
  }
}

function inferFrom(look: Look, lives: readonly Life[], byText: ReadonlyMap<string, Life>, known: Precedence): void {
  const seen = look.seen.map((tuple) => byText.get(JSON.stringify(tuple)));
  for (const [at, life] of seen.entries()) {
    if (life === undefined) continue;
    isThere(life, look.index, known);
    if (look.isTake && life.take !== undefined && life.take !== look.index) known.add(life.take, look.index); // twice
    const next = seen[at + 1];
    if (next !== undefined) known.add(life.write, next.write);
  }
  const youngest = seen.at(-1);
  for (const life of lives) {
    if (seen.includes(life) || life.write === look.index || !matches(look.pattern, life.tuple)) continue;
    if (look.isAll) isAbsent(life, look.index, known);
    else if (youngest !== undefined) isYoungerOrAbsent(life, youngest, look.index, known);
  }
}

function isThere({ write, take }: Life, index: number, known: Precedence): void {
  known.add(write, index);
  if (take !== undefined && take !== index) known.add(index, take);
}

function isAbsent(life: Life, index: number, known: Precedence): void {
  const { write, take, mayVanish } = life;
  if (isThereBehind(life, index, known)) known.add(index, write);
  else if (known.has(write, index) && !mayVanish && take !== undefined) known.add(take, index);
}

function isYoungerOrAbsent(life: Life, found: Life, index: number, known: Precedence): void {
  const { write, take, mayVanish } = life;
  if (isThereBehind(life, index, known)) known.add(found.write, write);
  else if (known.has(write, found.write) && !mayVanish && take !== undefined) known.add(take, index);
}

/** Whether it goes later for sure, or never, if it was there at all. */
function isThereBehind({ take, mayVanish }: Life, index: number, known: Precedence): boolean {
  return take === undefined ? !mayVanish : known.has(index, take);
}

function inferFromCount(
  index: number,
  { action, result }: SettledOperation,
  lives: readonly Life[],
  operations: readonly SettledOperation[],
  known: Precedence,
): void {
  if (action.kind !== 'count' || result?.kind !== 'counted') return;
  const { pattern } = action;
  const matching = lives.filter(({ tuple }) => matches(pattern, tuple));
  const writers = operations.filter((operation) => matchesLeft(operation, pattern)).length;
  const sure = matching.filter((life) => known.has(life.write, index) && isThereBehind(life, index, known));
  const possible = matching.filter(({ write, take }) => !known.has(index, write) && !gone(take, index, known));
  if (sure.length === result.count) {
    for (const life of possible) if (!sure.includes(life)) isAbsent(life, index, known);
  } else if (possible.length === result.count && writers === matching.length) {
    for (const life of possible) isThere(life, index, known);
  }
}

function gone(take: number | undefined, index: number, known: Precedence): boolean {
  return take !== undefined && known.has(take, index);
}

function matchesLeft({ action }: SettledOperation, pattern: Pattern): boolean {
  const tuple = leftBy(action);
  return tuple !== undefined && matches(pattern, tuple);
}
