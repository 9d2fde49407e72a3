/** The tuple space as it is meant to be, one operation after the other: what may be there after an operation. */
import type { AgedTuples, Item } from './aged-tuples.ts';
import { areEqual, leftBy } from './model.ts';
import type { Action, Pattern, Result, Tuple } from './model.ts';
import type { Precedence } from './precedence.ts';
import type { SettledOperation } from './settle-known.ts';

type Swap = Action & { readonly kind: 'swap' };
/** What changes nothing but what it takes. */
type Search = Exclude<Action, { readonly kind: 'write' | 'swap' }>;

/** @returns none where the operation cannot have found then what it found; several where it is open what it changed. */
export function after(
  space: AgedTuples,
  operation: SettledOperation,
  index: number,
  precedence: Precedence,
): AgedTuples[] {
  const { action, result } = operation;
  const left = leftBy(action);
  const write = (to: AgedTuples): AgedTuples =>
    left === undefined ? to : to.add(itemOf(operation, index, left), precedence);
  if (action.kind === 'write') return [write(space)];
  if (action.kind === 'swap') return swap(space, action, result, write);
  const next = result === undefined ? unseen(space, action) : seen(space, action, result);
  return next.map((each) => each.settle());
}

function seen(space: AgedTuples, action: Search, result: Result): AgedTuples[] {
  switch (action.kind) {
    case 'read':
      if (result.kind === 'found') return oldestIs(space, action.pattern, result.tuple).map(([, known]) => known);
      return onlyIf(space.count(action.pattern) === 0, space);
    case 'take':
      if (result.kind === 'found') return oldestIs(space, action.pattern, result.tuple).map(removed);
      return onlyIf(space.count(action.pattern) === 0, space);
    case 'count':
      return onlyIf(result.kind === 'counted' && result.count === space.count(action.pattern), space);
    case 'read-all':
      return result.kind === 'listed' ? listed(space, action.pattern, action.limit, result.tuples) : [];
  }
}

/** Nobody saw what it found. That it changed nothing is the same as that it never was, and tried without us. */
function unseen(space: AgedTuples, action: Search): AgedTuples[] {
  if (action.kind !== 'take') return [];
  const lost = space.oldest(action.pattern).filter(({ isAccountedFor }) => !isAccountedFor);
  return lost.map((item) => removed([item, space.withOldest(item, action.pattern)]));
}

type Found = readonly [Item, AgedTuples];

/** Each tuple equal to the wanted one that could be the oldest match, and what is known if it was. */
function oldestIs(space: AgedTuples, pattern: Pattern, wanted: Tuple): Found[] {
  const items = space.oldest(pattern).filter(({ tuple }) => areEqual(tuple, wanted));
  return items.map((item) => [item, space.withOldest(item, pattern)]);
}

function removed([item, space]: Found): AgedTuples {
  return space.remove(item);
}

function listed(space: AgedTuples, pattern: Pattern, limit: number, tuples: readonly Tuple[]): AgedTuples[] {
  if (tuples.length !== Math.min(limit, space.count(pattern))) return [];
  let ways: { readonly space: AgedTuples; readonly before: ReadonlySet<Item> }[] = [{ space, before: new Set() }];
  for (const wanted of tuples) {
    ways = ways.flatMap((way) => {
      const items = way.space.oldest(pattern, way.before).filter(({ tuple }) => areEqual(tuple, wanted));
      return items.map((item) => ({
        space: way.space.withOldest(item, pattern, way.before),
        before: new Set(way.before).add(item),
      }));
    });
  }
  return ways.map((way) => way.space);
}

/** The replacement is a new tuple: the youngest. */
function swap(
  space: AgedTuples,
  { pattern, expected }: Swap,
  result: Result | undefined,
  write: (to: AgedTuples) => AgedTuples,
): AgedTuples[] {
  if (result?.kind === 'swapped' && !result.isSwapped) return unswapped(space, pattern, expected);
  const ways = oldestIs(space, pattern, expected).map(removed);
  return ways.map((way) => write(way.settle()).settle());
}

function unswapped(space: AgedTuples, pattern: Pattern, expected: Tuple): AgedTuples[] {
  if (space.count(pattern) === 0) return [space.settle()];
  const others = space.oldest(pattern).filter(({ tuple }) => !areEqual(tuple, expected));
  return others.map((item) => space.withOldest(item, pattern).settle());
}

function onlyIf(isSo: boolean, space: AgedTuples): AgedTuples[] {
  return isSo ? [space] : [];
}

function itemOf({ call, end, isAccountedFor }: SettledOperation, index: number, tuple: Tuple): Item {
  return { tuple, index, call, end, isAccountedFor };
}
