import { describe, expect, it } from 'vitest';
import { RestartCounts } from '../../../packages/runtime/src/actors/restart-counts.ts';

describe('the counts of restarts', () => {
  it('are kept for each key', () => {
    const counts = new RestartCounts();
    for (const key of ['a', 'b', 'a']) counts.count(key);
    expect(['a', 'b', 'c'].map((key) => counts.of(key))).toEqual([2, 1, 0]);
  });

  it('are of the 10,000 keys that failed last', () => {
    const counts = new RestartCounts();
    counts.count('first');
    counts.count('second');
    for (let key = 0; key < 9_998; key += 1) counts.count(String(key));
    counts.count('first');
    counts.count('one too many');
    expect(['first', 'second', '0', 'one too many'].map((key) => counts.of(key))).toEqual([2, 0, 1, 1]);
  });
});
