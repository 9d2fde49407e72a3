/** Who waits in a space: served in order, in the write itself, and without a trace where they left. */
import { matches } from '@plexspaces/core';
import type { Pattern, Tuple, TupleField } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { PatternIndex } from '../../../packages/runtime/src/tuplespace/pattern-index.ts';
import type { Waiter } from '../../../packages/runtime/src/tuplespace/space.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';

const ANY_TWO: Pattern = [{ match: 'any' }, { match: 'any' }];
const RECORD: StoreOperation = { type: 'put', key: 'j/record', value: Uint8Array.of(1) };

describe('a write', () => {
  it('goes to the first taker that waits for it, and past all others', () => {
    const spaces = new Spaces();
    const served: string[] = [];
    wait(spaces, exactly('b'), 'take', () => served.push('other'));
    for (const name of ['first', 'second']) wait(spaces, exactly('a'), 'take', () => served.push(name));
    wait(spaces, ANY_TWO, 'take', () => served.push('third'));
    for (let number = 0; number < 3; number += 1) spaces.write('one', job('a', number), '');
    expect(served).toEqual(['first', 'second', 'third']);
    expect(spaces.count('one', ANY_TWO)).toBe(0);
    spaces.write('one', job('a', 3), '');
    expect(spaces.count('one', ANY_TWO)).toBe(1);
  });

  it('is shown to all readers, those before and behind the taker', () => {
    const spaces = new Spaces();
    const served: string[] = [];
    for (const kind of ['read', 'take', 'read'] as const) wait(spaces, ANY_TWO, kind, () => served.push(kind));
    spaces.write('one', job('a', 1), '');
    expect(served.toSorted()).toEqual(['read', 'read', 'take']);
  });

  it('that a taker gets is one append with what the taker records, and is never stored', () => {
    const spaces = new Spaces();
    wait(spaces, ANY_TWO, 'take', () => undefined, [RECORD]);
    expect(spaces.write('one', job('a', 1), '').operations).toEqual([RECORD]);
  });

  it('stays where only readers waited, and is one append with what they record', () => {
    const spaces = new Spaces();
    wait(spaces, ANY_TWO, 'read', () => undefined, [RECORD]);
    const { operations } = spaces.write('one', job('a', 1), '');
    expect(operations.map(({ key }) => key.slice(0, 2))).toEqual(['t/', 'j/']);
    expect(spaces.count('one', ANY_TWO)).toBe(1);
  });

  it('goes to the next where a taker was over already, and stays where there is none', () => {
    const spaces = new Spaces();
    const served: string[] = [];
    const over: Waiter = { kind: 'take', accept: () => [] };
    spaces.waitFor('one', ANY_TWO, over);
    wait(spaces, ANY_TWO, 'take', () => served.push('next'));
    expect(spaces.write('one', job('a', 1), '').operations).toEqual([]);
    expect(served).toEqual(['next']);
    spaces.waitFor('one', ANY_TWO, over);
    expect(spaces.write('one', job('a', 2), '').operations).toMatchObject([{ type: 'put' }]);
    expect(spaces.take('one', ANY_TWO)?.tuple).toEqual(job('a', 2));
  });

  it('is told to subscribers also where a taker gets it', () => {
    const spaces = new Spaces();
    const told: Tuple[] = [];
    spaces.subscribe('one', exactly('a'), {
      notify: (tuple) => {
        told.push(tuple);
        return [RECORD];
      },
    });
    wait(spaces, ANY_TWO, 'take', () => undefined);
    expect(spaces.write('one', job('a', 1), '').operations).toEqual([RECORD]);
    spaces.write('one', job('b', 1), '');
    expect(told).toEqual([job('a', 1)]);
  });

  it('in another space is nothing to them', () => {
    const spaces = new Spaces();
    let served = 0;
    wait(spaces, ANY_TWO, 'take', () => (served += 1));
    for (const other of ['two', 'tenant/one']) spaces.write(other, job('a', 1), '');
    expect(served).toBe(0);
  });
});

describe('a replacement', () => {
  it('is a new tuple: the youngest, for those that wait and those that subscribed', () => {
    const spaces = new Spaces();
    const served: string[] = [];
    for (const name of ['a', 'b']) spaces.write('one', job(name, 0), '');
    wait(spaces, exactly('c'), 'read', () => served.push('reader'));
    spaces.subscribe('one', exactly('c'), { notify: () => (served.push('subscriber'), []) });
    const change = { expected: job('b', 0), replacement: job('c', 0), writer: '' };
    expect(spaces.compareAndSwap('one', ANY_TWO, change)).toBeUndefined();
    expect(served).toEqual([]);
    expect(spaces.compareAndSwap('one', ANY_TWO, { ...change, expected: job('a', 0) })).toHaveLength(2);
    expect(served).toEqual(['subscriber', 'reader']);
    expect(spaces.readAll('one', ANY_TWO, 10)).toEqual([job('b', 0), job('c', 0)]);
  });

  it('goes to a taker that waits for it', () => {
    const spaces = new Spaces();
    spaces.write('one', job('a', 0), '');
    wait(spaces, exactly('b'), 'take', () => undefined);
    const operations = spaces.compareAndSwap('one', ANY_TWO, {
      expected: job('a', 0),
      replacement: job('b', 0),
      writer: '',
    });
    expect(operations).toMatchObject([{ type: 'del' }]);
    expect(spaces.count('one', ANY_TWO)).toBe(0);
  });

  it('fits where what it replaces did', () => {
    const spaces = new Spaces({ maxTuples: 1 });
    spaces.write('one', job('a', 0), '');
    const change = { expected: job('a', 0), replacement: job('b', 0), writer: '' };
    expect(spaces.compareAndSwap('one', ANY_TWO, change)).toBeDefined();
    expect(spaces.read('one', ANY_TWO)).toEqual(job('b', 0));
  });
});

describe('who left', () => {
  it('takes nothing, and is told once that it was still waiting', () => {
    const spaces = new Spaces();
    const leave = wait(spaces, ANY_TWO, 'take', () => expect.unreachable());
    expect([leave(), leave()]).toEqual([true, false]);
    spaces.write('one', job('a', 1), '');
    expect(spaces.count('one', ANY_TWO)).toBe(1);
  });

  it('was no longer waiting once it was served', () => {
    const spaces = new Spaces();
    const leave = wait(spaces, ANY_TWO, 'take', () => undefined);
    spaces.write('one', job('a', 1), '');
    expect(leave()).toBe(false);
  });

  it('makes room for others, in the space and among the spaces', () => {
    const spaces = new Spaces({ maxWaiters: 2, maxSubscriptions: 1 });
    const leave = wait(spaces, ANY_TWO, 'take', () => undefined);
    wait(spaces, ANY_TWO, 'read', () => undefined);
    const more = (): unknown => wait(spaces, ANY_TWO, 'read', () => undefined);
    expect(more).toThrow(/at most 2 waiting reads and takes/);
    leave();
    more();
    const end = spaces.subscribe('one', ANY_TWO, { notify: () => [] });
    expect(() => spaces.subscribe('one', ANY_TWO, { notify: () => [] })).toThrow(/at most 1 subscriptions/);
    end();
    for (let number = 0; number < 1500; number += 1) {
      const waiter: Waiter = { kind: 'take', accept: () => [] };
      spaces.waitFor(`space-${number}`, ANY_TWO, waiter)();
      spaces.write(`space-${number}`, job('a', 1), '');
      spaces.take(`space-${number}`, ANY_TWO);
    }
    const small = new Spaces({ maxBytes: 1 });
    for (let number = 0; number < 1500; number += 1) {
      expect(() => small.write(`space-${number}`, job('a', 1), '')).toThrow(/at most 2000000 tuples and 1 bytes/);
    }
  });

  it('has a space of its own refused where there are too many', () => {
    const spaces = new Spaces();
    for (let number = 0; number < 1000; number += 1) spaces.write(`space-${number}`, job('a', 1), '');
    expect(() => spaces.write('one more', job('a', 1), '')).toThrow(/at most 1000 tuple spaces/);
    expect(spaces.read('one more', ANY_TWO)).toBeUndefined();
  });
});

const anyField: fc.Arbitrary<TupleField> = fc.constantFrom<TupleField>(
  { type: 'string', value: 'a' },
  { type: 'int', value: 1n },
  { type: 'float', value: 0 },
  { type: 'float', value: -0 },
  { type: 'null' },
);
const anyTuple: fc.Arbitrary<Tuple> = fc.oneof(
  fc.array(anyField, { maxLength: 3 }),
  fc.array(anyField, { minLength: 10, maxLength: 10 }),
);
const anyPattern: fc.Arbitrary<Pattern> = anyTuple.chain((tuple) =>
  fc.tuple(
    ...tuple.map((field) =>
      fc.constantFrom<Pattern[number]>({ match: 'exact', field }, { match: 'any' }, { match: 'type', type: 'int' }),
    ),
  ),
);

describe('the index of patterns', () => {
  it('answers like a list that is searched from its beginning', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), pattern: anyPattern }),
      fc.record({ do: fc.constant('remove' as const), place: fc.nat({ max: 30 }) }),
      fc.record({ do: fc.constant('look' as const), tuple: anyTuple }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const index = new PatternIndex<number>();
        const list: { readonly number: number; readonly pattern: Pattern; readonly remove: () => boolean }[] = [];
        const answers: unknown[] = [];
        const expected: unknown[] = [];
        for (const [number, each] of steps.entries()) {
          if (each.do === 'add') {
            list.push({ number, pattern: each.pattern, remove: index.add(each.pattern, number) });
          } else if (each.do === 'remove') {
            for (const removed of list.splice(each.place, 1)) {
              answers.push(removed.remove(), removed.remove());
              expected.push(true, false);
            }
          } else {
            const fitting = list.filter(({ pattern }) => matches(pattern, each.tuple)).map((entry) => entry.number);
            answers.push(index.all(each.tuple), index.oldest(each.tuple));
            expected.push(fitting, fitting[0]);
          }
          answers.push(index.size);
          expected.push(list.length);
        }
        expect(answers).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

function wait(
  spaces: Spaces,
  pattern: Pattern,
  kind: Waiter['kind'],
  served: () => unknown,
  record: readonly StoreOperation[] = [],
): () => boolean {
  return spaces.waitFor('one', pattern, {
    kind,
    accept: ({ operations }) => {
      served();
      return [...operations, ...record];
    },
  });
}

function exactly(name: string): Pattern {
  return [{ match: 'exact', field: { type: 'string', value: name } }, { match: 'any' }];
}

function job(name: string, number: number): Tuple {
  return [
    { type: 'string', value: name },
    { type: 'int', value: BigInt(number) },
  ];
}
