/** Every order of a short history, one operation after the other on a plain list: slow, and short enough to be right. */
import { areEqual, leftBy, matches } from '../../linearizability/model.ts';
import type { Operation, Result, Tuple } from '../../linearizability/model.ts';

export function isLinearizableByForce(left: readonly Operation[], space: readonly Tuple[] = []): boolean {
  if (left.every(({ result }) => result === undefined)) return true;
  const firstEnd = Math.min(...left.filter(({ result }) => result !== undefined).map(({ end }) => end));
  return left.some((operation) => {
    if (operation.call > firstEnd) return false;
    // What comes next was called after some operations without a result had ended: they were not.
    const rest = left.filter(
      (other) => other !== operation && (other.result !== undefined || other.end > operation.call),
    );
    const { space: next, result } = step(space, operation);
    const isSo = operation.result === undefined || JSON.stringify(result) === JSON.stringify(operation.result);
    return isSo && isLinearizableByForce(rest, next);
  });
}

/** What the operation finds and leaves if it is the next one. */
export function step(space: readonly Tuple[], { action }: Operation): { space: readonly Tuple[]; result: Result } {
  if (action.kind === 'write') return { space: [...space, action.tuple], result: { kind: 'written' } };
  const matching = space.filter((tuple) => matches(action.pattern, tuple));
  const [oldest] = matching;
  switch (action.kind) {
    case 'count':
      return { space, result: { kind: 'counted', count: matching.length } };
    case 'read-all':
      return { space, result: { kind: 'listed', tuples: matching.slice(0, action.limit) } };
    case 'read':
    case 'take':
      if (oldest === undefined) return { space, result: { kind: 'nothing' } };
      return {
        space: action.kind === 'take' ? without(space, oldest) : space,
        result: { kind: 'found', tuple: oldest },
      };
    case 'swap': {
      const isSwapped = oldest !== undefined && areEqual(oldest, action.expected);
      const next = isSwapped ? [...without(space, oldest), leftBy(action) ?? []] : space;
      return { space: next, result: { kind: 'swapped', isSwapped } };
    }
  }
}

/** One of several equal ones stays. */
function without(space: readonly Tuple[], oldest: Tuple): readonly Tuple[] {
  return space.toSpliced(space.indexOf(oldest), 1);
}
