/** Counters that are measured have to count. */
import { describe, expect, it } from 'vitest';
import { CountedCalls } from '../../../bench/support/counted-calls.ts';

function counted(...answers: unknown[]): CountedCalls {
  const calls = new CountedCalls();
  for (const answer of answers) calls.add('k', answer);
  return calls;
}

describe('calls that were counted', () => {
  it('are right in any order, from whatever the counter began with', () => {
    expect(() => counted(7, 9, 8, { count: 10 }).expectExact()).not.toThrow();
  });

  it.each([
    { what: 'one that came twice', answers: [1, 2, 2], found: 2 },
    { what: 'one that nobody had an answer of', answers: [1, 2, 4], found: 4 },
  ])('are wrong with $what', ({ answers, found }) => {
    const message = `k: expected 3 counted calls, found ${found}`;
    expect(() => counted(...answers).expectExact()).toThrow(message);
  });

  it('are of one counter each', () => {
    const calls = counted(1, 2);
    calls.add('other', 1);
    expect(() => calls.expectExact()).not.toThrow();
  });

  it.each([null, 'one', 1.5, {}])('are not counted by %j', (answer) => {
    expect(() => counted(answer)).toThrow('expected a count');
  });
});
