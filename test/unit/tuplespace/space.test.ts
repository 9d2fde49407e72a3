/** The space against the simplest one there is: a list that is searched from its beginning. */
import { queryObjects } from 'node:v8';
import { encodeTuple, matches, PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple, TupleField } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_TUPLES } from '../../../packages/runtime/src/store/key-layout.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { Shelf } from '../../../packages/runtime/src/tuplespace/shelf.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';
import { anyPattern, anyTuple } from '../core/arbitraries.ts';

const LIMITS = { maxTuples: 100, maxBytes: 2000 };
const ANY: Pattern = [{ match: 'any' }];
const ANY_TWO: Pattern = [{ match: 'any' }, { match: 'any' }];

/** Few values, so that patterns find something. */
const anySmallField: fc.Arbitrary<TupleField> = fc.constantFrom<TupleField>(
  { type: 'string', value: 'a' },
  { type: 'string', value: 'b' },
  { type: 'int', value: 1n },
  { type: 'float', value: 1 },
  { type: 'float', value: 0 },
  { type: 'float', value: -0 },
  { type: 'float', value: NaN },
  { type: 'bytes', value: Uint8Array.of(97) },
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

/** Of what most tuples here are. */
const anyPatternOfTwo: fc.Arbitrary<Pattern> = fc.tuple(
  anySmallField.map((field) => ({ match: 'exact', field }) as const),
  fc.oneof(
    fc.constant({ match: 'any' } as const),
    anySmallField.map((field) => ({ match: 'exact', field }) as const),
  ),
);

type Step =
  | { readonly do: 'write'; readonly space: string; readonly tuple: Tuple; readonly ttlMs: number | undefined }
  | { readonly do: 'read' | 'take' | 'count'; readonly space: string; readonly pattern: Pattern }
  | { readonly do: 'read-all'; readonly space: string; readonly pattern: Pattern; readonly limit: number }
  | {
      readonly do: 'compare-and-swap';
      readonly space: string;
      readonly pattern: Pattern;
      readonly expected: Tuple;
      readonly replacement: Tuple;
    }
  /** Of the lease that came back so many writes with a TTL ago. */
  | { readonly do: 'renew'; readonly space: string; readonly ago: number; readonly ttlMs: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'restart' };

/** As a string the second is another tenant's namespace. */
const anySpace = fc.constantFrom('one', 'tenant/one');
const anyTtlMs = fc.constantFrom(1, 10, 100);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      space: anySpace,
      tuple: anySmallTuple,
      ttlMs: fc.option(anyTtlMs, { nil: undefined }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('read' as const, 'take' as const, 'count' as const),
      space: anySpace,
      pattern: fc.oneof(anySmallPattern, anyPatternOfTwo),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('read-all' as const),
      space: anySpace,
      pattern: anySmallPattern,
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('compare-and-swap' as const),
      space: anySpace,
      pattern: fc.oneof(fc.constant(ANY_TWO), anyPatternOfTwo),
      expected: fc.tuple(fc.constantFrom<TupleField>({ type: 'string', value: 'a' }, { type: 'null' }), anySmallField),
      replacement: anySmallTuple,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('renew' as const),
      space: anySpace,
      ago: fc.nat({ max: 3 }),
      ttlMs: anyTtlMs,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 9, 50) }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'sweep' }, { do: 'restart' }) },
);
/** So many that shelves are divided. */
const anyFill: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.constant('write' as const),
    space: fc.constant('one'),
    tuple: fc.tuple(anySmallField, anySmallField),
    ttlMs: fc.option(anyTtlMs, { nil: undefined }),
  }),
  { maxLength: 140, size: 'max' },
);

describe('the spaces', () => {
  it('answer like lists searched from the beginning, over restarts too', async () => {
    await fc.assert(
      fc.asyncProperty(anyFill, fc.array(anyStep, { maxLength: 60, size: 'max' }), async (fill, steps) => {
        const run = await SpacesRun.start();
        const model = new Lists();
        const answers: unknown[] = [];
        const expected: unknown[] = [];
        for (const step of [...fill, ...steps]) {
          answers.push(await run.answer(step));
          expected.push(model.answer(step));
        }
        expect(answers).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('keep in the store what they hold, and nothing that has expired', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 60, size: 'max' }), async (steps) => {
        const run = await SpacesRun.start();
        const model = new Lists();
        for (const step of steps) {
          await run.answer(step);
          model.answer(step);
        }
        await run.answer({ do: 'sweep' });
        expect(await run.storedTuples()).toBe(model.size);
      }),
      { numRuns: 100 },
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
    while (spaces.count('one', ANY) > 10) spaces.take('one', ANY);
    expect(shelves()).toBeLessThan(20);
  });
});

/** The spaces over a store, with a clock of the test's: what they answer, what they tell the store goes there. */
class SpacesRun {
  readonly #store = new MemoryStore();
  readonly #leases: bigint[] = [];
  #nowMs = 1_000_000;
  #starts = 0n;
  #spaces: Spaces;

  private constructor(spaces: Spaces) {
    this.#spaces = spaces;
  }

  static async start(): Promise<SpacesRun> {
    const run = new SpacesRun(new Spaces());
    run.#spaces = await run.#load();
    return run;
  }

  async storedTuples(): Promise<number> {
    return (await Array.fromAsync(this.#store.range(ALL_TUPLES))).length;
  }

  async answer(step: Step): Promise<unknown> {
    const spaces = this.#spaces;
    switch (step.do) {
      case 'restart':
        this.#spaces = await this.#load();
        return undefined;
      case 'sweep':
        return this.#kept({ operations: spaces.sweep(1_000) }, undefined);
      case 'pass':
        this.#nowMs += step.ms;
        return undefined;
      case 'write':
        return this.#write(step);
      case 'renew': {
        const operations = spaces.renew(step.space, this.#leases.at(-1 - step.ago) ?? 7n, step.ttlMs);
        return this.#kept({ operations: operations ?? [] }, operations !== undefined);
      }
      case 'read':
        return spaces.read(step.space, step.pattern);
      case 'count':
        return spaces.count(step.space, step.pattern);
      case 'read-all':
        return spaces.readAll(step.space, step.pattern, step.limit);
      case 'take': {
        const taken = spaces.take(step.space, step.pattern);
        return this.#kept(taken ?? { operations: [] }, taken?.tuple);
      }
      case 'compare-and-swap':
        return this.#orCode(() => {
          const operations = spaces.compareAndSwap(step.space, step.pattern, { ...step, writer: 'w' });
          return this.#kept({ operations: operations ?? [] }, operations !== undefined);
        });
    }
  }

  #write({ space, tuple, ttlMs }: Extract<Step, { do: 'write' }>): Promise<unknown> {
    return this.#orCode(() => {
      const written = this.#spaces.write(space, tuple, 'w', ttlMs);
      if (ttlMs !== undefined) this.#leases.push(written.number);
      return this.#kept(written, 'written');
    });
  }

  async #orCode(run: () => Promise<unknown>): Promise<unknown> {
    try {
      return await run();
    } catch (thrown) {
      return PlexSpacesError.from(thrown).code;
    }
  }

  async #kept<Value>({ operations }: { operations: readonly StoreOperation[] }, value: Value): Promise<Value> {
    await this.#store.batch(operations);
    return value;
  }

  /** As a node does: each start numbers above all before it, so that no lease comes back as another's. */
  #load(): Promise<Spaces> {
    this.#starts += 1n;
    return Spaces.load(this.#store, LIMITS, { firstNumber: this.#starts << 32n, nowMs: () => this.#nowMs });
  }
}

interface Listed {
  readonly tuple: Tuple;
  expiresAtMs: number;
}

/** The model: a list for each space, and its bytes counted anew each time. */
class Lists {
  readonly #lists = new Map<string, Listed[]>();
  readonly #leased: { readonly space: string; readonly listed: Listed }[] = [];
  #nowMs = 0;

  get size(): number {
    return [...this.#lists.keys()].reduce((sum, space) => sum + this.#list(space).length, 0);
  }

  answer(step: Step): unknown {
    if (step.do === 'restart' || step.do === 'sweep') return undefined;
    if (step.do === 'pass') {
      this.#nowMs += step.ms;
      return undefined;
    }
    const list = this.#list(step.space);
    if (step.do === 'write') return this.#write(step, list);
    if (step.do === 'renew') return this.#renew(step, list);
    const found = list.filter(({ tuple }) => matches(step.pattern, tuple));
    if (step.do === 'count') return found.length;
    if (step.do === 'read-all') return found.slice(0, step.limit).map(({ tuple }) => tuple);
    const [oldest] = found;
    if (step.do === 'compare-and-swap') return this.#swap(step, list, oldest);
    if (step.do === 'take' && oldest !== undefined) list.splice(list.indexOf(oldest), 1);
    return oldest?.tuple;
  }

  #list(space: string): Listed[] {
    const kept = (this.#lists.get(space) ?? []).filter(({ expiresAtMs }) => expiresAtMs > this.#nowMs);
    this.#lists.set(space, kept);
    return kept;
  }

  #write({ space, tuple, ttlMs }: Extract<Step, { do: 'write' }>, list: Listed[]): string {
    if (!hasRoom(list, tuple)) return 'RESOURCE_EXHAUSTED';
    const listed = { tuple, expiresAtMs: this.#nowMs + (ttlMs ?? Infinity) };
    list.push(listed);
    if (ttlMs !== undefined) this.#leased.push({ space, listed });
    return 'written';
  }

  #renew({ space, ago, ttlMs }: Extract<Step, { do: 'renew' }>, list: Listed[]): boolean {
    const leased = this.#leased.at(-1 - ago);
    if (leased === undefined || leased.space !== space || !list.includes(leased.listed)) return false;
    leased.listed.expiresAtMs = this.#nowMs + ttlMs;
    return true;
  }

  #swap(
    { expected, replacement }: Extract<Step, { do: 'compare-and-swap' }>,
    list: Listed[],
    oldest: Listed | undefined,
  ): boolean | string {
    if (oldest === undefined || !matches(exactly(expected), oldest.tuple)) return false;
    const without = list.filter((listed) => listed !== oldest);
    if (!hasRoom(without, replacement)) return 'RESOURCE_EXHAUSTED';
    list.splice(list.indexOf(oldest), 1);
    list.push({ tuple: replacement, expiresAtMs: Infinity });
    return true;
  }
}

function hasRoom(list: readonly Listed[], tuple: Tuple): boolean {
  const bytes = [...list.map((listed) => listed.tuple), tuple].reduce((sum, each) => sum + encodeTuple(each).length, 0);
  return list.length < LIMITS.maxTuples && bytes <= LIMITS.maxBytes;
}

function exactly(tuple: Tuple): Pattern {
  return tuple.map((field) => ({ match: 'exact', field }));
}

function text(value: string): Tuple {
  return [{ type: 'string', value }];
}
