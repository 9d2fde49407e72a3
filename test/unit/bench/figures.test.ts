/** Rounds, medians and ratios. */
import { describe, expect, it } from 'vitest';
import { measure, ratio, toFigure } from '../../../bench/support/figures.ts';
import type { Case, Sample } from '../../../bench/support/figures.ts';

const silent = (): void => undefined;

function scripted(name: string, samples: readonly Sample[], order: string[] = []): Case {
  const left = [...samples];
  return {
    name,
    unit: 'per second',
    run: async () => {
      order.push(name);
      return left.shift() ?? { value: Number.NaN };
    },
  };
}

describe('measure', () => {
  it('measures every case once in each round', async () => {
    const order: string[] = [];
    const cases = ['a', 'b'].map((name) => scripted(name, [{ value: 1 }, { value: 2 }], order));
    await measure(cases, { rounds: 2, progress: silent });
    expect(order).toEqual(['a', 'b', 'a', 'b']);
  });

  it('gives the median with what lies around it, in the order of the rounds', async () => {
    const cases = [scripted('a', [{ value: 9 }, { value: 1 }, { value: 4 }])];
    const [figure] = await measure(cases, { rounds: 3, progress: silent });
    expect(figure).toMatchObject({ name: 'a', unit: 'per second', median: 4, min: 1, max: 9, values: [9, 1, 4] });
  });

  it('fails where a case fails', async () => {
    const failing: Case = { name: 'a', unit: 'ms', run: () => Promise.reject(new Error('wrong answer')) };
    await expect(measure([failing], { rounds: 1, progress: silent })).rejects.toThrow('wrong answer');
  });
});

describe('toFigure', () => {
  it('takes the median of each detail', () => {
    const samples = [3, 1, 2].map((p50Ms) => ({ value: 1, details: { p50Ms } }));
    expect(toFigure('a', 'x', samples).details).toEqual({ p50Ms: 2 });
  });
});

describe('ratio', () => {
  const figures = [
    toFigure('slow', 'per second', [{ value: 1 }, { value: 10 }, { value: 2 }]),
    toFigure('fast', 'per second', [{ value: 8 }, { value: 20 }, { value: 6 }]),
  ];

  it('is taken within each round, not of the medians', () => {
    expect(ratio('times', figures, 'fast', 'slow')).toMatchObject({ unit: 'x', values: [8, 2, 3], median: 3 });
  });

  it('is of a detail where one is named', () => {
    const slow = toFigure('slow', 'per second', [{ value: 1, details: { p50Ms: 4 } }]);
    const fast = toFigure('fast', 'per second', [{ value: 8, details: { p50Ms: 1 } }]);
    expect(ratio('p50', [slow, fast], 'fast', 'slow', 'p50Ms')).toMatchObject({ values: [0.25] });
  });

  it('names a figure that is not there', () => {
    expect(() => ratio('times', figures, 'fast', 'other')).toThrow('"other"');
  });
});
