/** The space against the simplest one there is: a list that is searched from its beginning. */
import { queryObjects } from 'node:v8';
import { encodeTuple, matches, PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple, TupleField } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { Shelf } from '../../../packages/runtime/src/tuplespace/shelf.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';
import { anyPattern, anyTuple } from '../core/arbitraries.ts';

const LIMITS = { maxTuples: 20, maxBytes: 1000 };
const ANY: Pattern = [{ match: 'any' }];

/** Few values, so that patterns find something. */
const anySmallField: fc.Arbitrary<TupleField> = fc.constantFrom<TupleField>(
  { type: 'string', value: 'a' },
  { type: 'string', value: 'b' },
  { type: 'int', value: 1n },
  { type: 'float', value: 1 },
  { type: 'null' },
);
const anySmallTuple: fc.Arbitrary<Tuple> = fc.oneof(fc.array(anySmallField, { maxLength: 3 }), anyTuple);
const anySmallPattern: fc.Arbitrary<Pattern> = fc.oneof(
  fc.array(
    fc.oneof(
      fc.constant({ match: 'any' } as const),
      anySmallField.map((field) => ({ match: 'exact', field }) as const),
      fc.constantFrom('string', 'int', 'float').map((type) => ({ match: 'type', type }) as const),
    ),
    { maxLength: 3 },
  ),
  anyPattern,
);

type Step =
  | { readonly do: 'write'; readonly namespace: string; readonly tuple: Tuple }
  | { readonly do: 'read' | 'take' | 'count'; readonly namespace: string; readonly pattern: Pattern }
  | { readonly do: 'restart' };

const anyNamespace = fc.constantFrom('one', 'two');
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('write' as const), namespace: anyNamespace, tuple: anySmallTuple }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('read' as const, 'take' as const, 'count' as const),
      namespace: anyNamespace,
      pattern: anySmallPattern,
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) },
);

describe('the spaces', () => {
  it('answer like lists searched from the beginning, over restarts too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
        const store = new MemoryStore();
        const model = new Lists();
        const answers: unknown[] = [];
        const expected: unknown[] = [];
        let spaces = await Spaces.load(store, LIMITS);
        for (const step of steps) {
          if (step.do === 'restart') spaces = await Spaces.load(store, LIMITS);
          answers.push(await answerOf(spaces, step, store));
          expected.push(model.answer(step));
        }
        expect(answers).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('load what they held, in its order, and number on behind it', async () => {
    const store = new MemoryStore();
    const before = new Spaces();
    for (const value of ['a', 'b', 'c']) await store.batch(before.write('one', text(value), 'w').operations);
    await store.batch(before.take('one', ANY)?.operations ?? []);
    const after = await Spaces.load(store);
    await store.batch(after.write('one', text('d'), 'w').operations);
    const reloaded = await Spaces.load(store);
    expect([1, 2, 3, 4].map(() => reloaded.take('one', ANY)?.tuple)).toEqual([
      text('b'),
      text('c'),
      text('d'),
      undefined,
    ]);
  });

  it('refuse a damaged record by its key', async () => {
    const store = new MemoryStore();
    const [operation] = new Spaces().write('one', text('a'), '').operations;
    if (operation?.type !== 'put') throw new Error('expected a put');
    await store.batch([{ ...operation, value: operation.value.with(6, (operation.value[6] ?? 0) ^ 1) }]);
    await expect(Spaces.load(store)).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringContaining('t/one'),
    });
  });

  it('keep within their bytes, which a take gives back', () => {
    const spaces = new Spaces({ maxTuples: 100, maxBytes: 250 });
    const hundred: Tuple = [{ type: 'bytes', value: new Uint8Array(100) }];
    spaces.write('one', hundred, '');
    spaces.write('one', hundred, '');
    expect(() => spaces.write('one', hundred, '')).toThrow(
      expect.objectContaining({
        code: 'RESOURCE_EXHAUSTED',
        message: expect.stringMatching(/at most 100 tuples and 250 bytes/),
      }),
    );
    expect(spaces.count('one', ANY)).toBe(2);
    spaces.take('one', ANY);
    spaces.write('one', hundred, '');
  });

  it('hold on to nothing for first fields that came and went', () => {
    const spaces = new Spaces();
    const shelves = (): number => queryObjects(Shelf, { format: 'count' });
    for (let count = 0; count < 2000; count += 1) spaces.write('one', text(`first-${count}`), '');
    expect(shelves()).toBeGreaterThan(1900);
    while (spaces.take('one', ANY) !== undefined);
    expect(shelves()).toBeLessThan(10);
    expect(spaces.count('one', ANY)).toBe(0);
  });
});

/** What the space answers; what it tells the store goes there. */
async function answerOf(spaces: Spaces, step: Step, store: MemoryStore): Promise<unknown> {
  switch (step.do) {
    case 'restart':
      return undefined;
    case 'write':
      return writtenOrCode(spaces, step.namespace, step.tuple, store);
    case 'read':
      return spaces.read(step.namespace, step.pattern);
    case 'count':
      return spaces.count(step.namespace, step.pattern);
    case 'take': {
      const taken = spaces.take(step.namespace, step.pattern);
      if (taken !== undefined) await store.batch(taken.operations);
      return taken?.tuple;
    }
  }
}

async function writtenOrCode(spaces: Spaces, namespace: string, tuple: Tuple, store: MemoryStore): Promise<string> {
  try {
    await store.batch(spaces.write(namespace, tuple, '').operations);
    return 'written';
  } catch (thrown) {
    return PlexSpacesError.from(thrown).code;
  }
}

/** The model: a list for each namespace, and its bytes counted anew each time. */
class Lists {
  readonly #lists = new Map<string, Tuple[]>();

  answer(step: Step): unknown {
    if (step.do === 'restart') return undefined;
    const list = this.#lists.get(step.namespace) ?? [];
    this.#lists.set(step.namespace, list);
    if (step.do === 'write') return this.#write(list, step.tuple);
    const found = list.filter((tuple) => matches(step.pattern, tuple));
    if (step.do === 'count') return found.length;
    const [oldest] = found;
    if (step.do === 'take' && oldest !== undefined) list.splice(list.indexOf(oldest), 1);
    return oldest;
  }

  #write(list: Tuple[], tuple: Tuple): string {
    const bytes = [...list, tuple].reduce((sum, each) => sum + encodeTuple(each).length, 0);
    if (list.length >= LIMITS.maxTuples || bytes > LIMITS.maxBytes) return 'RESOURCE_EXHAUSTED';
    list.push(tuple);
    return 'written';
  }
}

function text(value: string): Tuple {
  return [{ type: 'string', value }];
}
