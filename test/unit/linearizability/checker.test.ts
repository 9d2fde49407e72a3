/**
 * The checker itself: histories that are known to be good and bad, and short random ones, of which every order is tried.
 */
import { describe, expect, it } from 'vitest';
import { check } from '../../linearizability/checker.ts';
import type { Action, Operation, Pattern, Result, Tuple } from '../../linearizability/model.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { isLinearizableByForce, step } from './brute-force.ts';

const A: Tuple = [1, 'a'];
const B: Tuple = [1, 'b'];
const ONES: Pattern = [1, null];
const ALL: Pattern = [null, null];

type Span = readonly [call: number, end: number];
const operation = (span: Span, action: Action, result?: Result): Operation => {
  const [call, end] = span;
  return { process: `${action.kind} ${call}`, action, call, end, result };
};
const found = (tuple: Tuple | null): Result => (tuple === null ? { kind: 'nothing' } : { kind: 'found', tuple });
const write = (span: Span, tuple: Tuple): Operation => operation(span, { kind: 'write', tuple }, { kind: 'written' });
const take = (span: Span, pattern: Pattern, tuple: Tuple | null): Operation =>
  operation(span, { kind: 'take', pattern }, found(tuple));
const read = (span: Span, pattern: Pattern, tuple: Tuple | null): Operation =>
  operation(span, { kind: 'read', pattern }, found(tuple));
const count = (span: Span, pattern: Pattern, number: number): Operation =>
  operation(span, { kind: 'count', pattern }, { kind: 'counted', count: number });
const list = (span: Span, limit: number, tuples: readonly Tuple[]): Operation =>
  operation(span, { kind: 'read-all', pattern: ALL, limit }, { kind: 'listed', tuples });
const swap = (span: Span, expected: Tuple, replacement: Tuple, isSwapped: boolean): Operation =>
  operation(span, { kind: 'swap', pattern: ONES, expected, replacement }, { kind: 'swapped', isSwapped });
const unknownTake = (span: Span): Operation => operation(span, { kind: 'take', pattern: ONES });
const unknownWrite = (span: Span, tuple: Tuple): Operation => operation(span, { kind: 'write', tuple });

const GOOD: Readonly<Record<string, readonly Operation[]>> = {
  'nothing at all': [],
  'one after the other': [write([1, 2], A), read([3, 4], ONES, A), take([5, 6], ONES, A), take([7, 8], ONES, null)],
  'a take called before the write': [take([1, 4], ONES, A), write([2, 3], A)],
  'concurrent writes in the order that the takes show': [
    write([1, 4], A),
    write([2, 3], B),
    take([5, 6], ALL, A),
    take([7, 8], ALL, B),
  ],
  'concurrent writes in the other order': [
    write([1, 4], A),
    write([2, 3], B),
    take([5, 6], ALL, B),
    take([7, 8], ALL, A),
  ],
  'a count among concurrent writes': [write([1, 6], A), write([2, 5], B), count([3, 4], ALL, 1)],
  'a write that a kill made uncertain, and that was': [unknownWrite([1, 2], A), take([3, 4], ONES, A)],
  'a write that a kill made uncertain, and that was not': [unknownWrite([1, 2], A), take([3, 4], ONES, null)],
  'a take that a kill made uncertain': [write([1, 2], A), unknownTake([3, 4]), take([5, 6], ONES, null)],
  'a swap makes the youngest': [
    write([1, 2], A),
    write([3, 4], B),
    swap([5, 6], A, [1, 'c'], true),
    list([7, 8], 9, [B, [1, 'c']]),
  ],
  'equal tuples': [write([1, 2], A), write([3, 4], A), take([5, 6], ONES, A), take([7, 8], ONES, A)],
};

const BAD: Readonly<Record<string, readonly Operation[]>> = {
  'a tuple taken twice': [write([1, 2], A), take([3, 6], ONES, A), take([4, 5], ONES, A)],
  'a tuple that nobody wrote': [read([1, 2], ONES, A)],
  'a tuple before it was written': [take([1, 2], ONES, A), write([3, 4], A)],
  'nothing found where something was': [write([1, 2], A), read([3, 4], ONES, null)],
  'a tuple that is gone': [write([1, 2], A), take([3, 4], ONES, A), read([5, 6], ONES, A)],
  'the younger first': [write([1, 2], A), write([3, 4], B), take([5, 6], ONES, B)],
  'two that see concurrent writes in different orders': [
    write([1, 4], A),
    write([2, 3], B),
    read([5, 6], ALL, A),
    read([7, 8], ALL, B),
  ],
  'a wrong count': [write([1, 2], A), write([3, 4], B), count([5, 6], ALL, 1)],
  'a lost write': [write([1, 2], A), count([3, 4], ALL, 0)],
  'a count that goes back': [write([1, 6], A), count([2, 3], ALL, 1), count([4, 5], ALL, 0)],
  'a list in another order': [write([1, 2], A), write([3, 4], B), list([5, 6], 9, [B, A])],
  'a list that is too short': [write([1, 2], A), write([3, 4], B), list([5, 6], 9, [A])],
  'one lost take cannot take two': [write([1, 2], A), write([3, 4], B), unknownTake([5, 6]), take([7, 8], ONES, null)],
  'what a dead node did after its death': [
    write([1, 2], A),
    unknownTake([3, 4]),
    read([5, 6], ONES, A),
    take([7, 8], ONES, null),
  ],
  'a swap of another tuple': [write([1, 2], A), write([3, 4], B), swap([5, 6], B, [1, 'c'], true)],
  'a swap that did nothing where it had to': [write([1, 2], A), swap([3, 4], A, [1, 'c'], false)],
};

describe('the checker', () => {
  it.each(Object.entries(GOOD))('accepts %s', (_name, history) => {
    expect(check(history)).toMatchObject({ isLinearizable: true, reason: '' });
    expect(isLinearizableByForce(history)).toBe(true);
  });

  it.each(Object.entries(BAD))('refuses %s', (_name, history) => {
    const { isLinearizable, reason } = check(history);
    expect(isLinearizable).toBe(false);
    expect(reason).not.toBe('');
    expect(isLinearizableByForce(history)).toBe(false);
  });

  it('gives no verdict past its limit', () => {
    const writes = Array.from({ length: 20 }, (_, index) => write([index, 100 - index], [1, index]));
    expect(() => check(writes, { limit: 3 })).toThrow('3 configurations');
  });
});

const RANDOM = seededRandom();
const SHORT_HISTORIES = 3_000;

describe(`beside every order of a short history, seed ${RANDOM.seed}`, () => {
  it('comes to the same verdict', () => {
    const verdicts = { true: 0, false: 0 };
    for (let number = 0; number < SHORT_HISTORIES; number += 1) {
      const history = shortHistory();
      const expected = isLinearizableByForce(history);
      expect({ history, isLinearizable: check(history).isLinearizable }).toEqual({ history, isLinearizable: expected });
      verdicts[`${expected}`] += 1;
    }
    expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(SHORT_HISTORIES / 20);
  });
});

/** Of a space that works, but that some answers are those of other operations, and some are missing. */
function shortHistory(): Operation[] {
  const length = 4 + RANDOM.below(4);
  let space: readonly Tuple[] = [];
  const operations = Array.from({ length }, (_, at): Operation => {
    const middle = 10 * (at + 1);
    const bare = operation(
      [middle - RANDOM.below(25) - (at + 1) / 100, middle + RANDOM.below(25) + (at + 1) / 100],
      anyAction(at),
    );
    const after = step(space, bare);
    ({ space } = after);
    return { ...bare, result: after.result };
  });
  for (let wrong = RANDOM.below(4); wrong > 0; wrong -= 1) exchange(operations);
  return operations.map((each) => (RANDOM.below(8) === 0 ? { ...each, result: undefined } : each));
}

/** Two operations of one kind trade what they found. */
function exchange(operations: Operation[]): void {
  const one = RANDOM.below(operations.length);
  const other = operations.findIndex(({ action }, at) => at !== one && action.kind === operations[one]?.action.kind);
  const [first, second] = [operations[one], operations[other]];
  if (first === undefined || second === undefined) return;
  operations[one] = { ...first, result: second.result };
  operations[other] = { ...second, result: first.result };
}

function anyAction(at: number): Action {
  const pattern: Pattern = [RANDOM.below(3) === 0 ? null : RANDOM.below(2), null];
  // Now and then a tuple is there twice.
  const tuple: Tuple = [RANDOM.below(2), RANDOM.below(10) === 0 ? 0 : at];
  const kinds = ['write', 'write', 'write', 'take', 'take', 'read', 'count', 'read-all', 'swap'] as const;
  const kind = kinds[RANDOM.below(kinds.length)] ?? 'write';
  if (kind === 'write') return { kind, tuple };
  if (kind === 'read-all') return { kind, pattern, limit: 1 + RANDOM.below(3) };
  if (kind !== 'swap') return { kind, pattern };
  const [group = 0] = tuple;
  return { kind, pattern: [group, null], expected: [group, RANDOM.below(at + 1)], replacement: tuple };
}
