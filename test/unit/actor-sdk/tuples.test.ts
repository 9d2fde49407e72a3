import { any, bool, bytes, float, int, string, toNumber, tuple, tuples } from '@plexspaces/actor';
import { useFakeHost } from '@plexspaces/actor/testing';
import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';

let host = useFakeHost();
beforeEach(() => {
  host = useFakeHost();
});

const EVERYTHING = tuple('a', 6, float(6), 6.5, true, null, Uint8Array.of(1), -0, Number.NaN, 7n);

describe('fields', () => {
  it('have the types of the interface', () => {
    tuples.write(...EVERYTHING);
    expect(host.tuples[0]?.map((field) => [field.tag, 'val' in field ? field.val : null])).toEqual([
      ['string-value', 'a'],
      ['integer-value', 6],
      ['float-value', 6],
      ['float-value', 6.5],
      ['boolean-value', true],
      ['null-value', null],
      ['bytes-value', Uint8Array.of(1)],
      ['float-value', -0],
      ['float-value', Number.NaN],
      ['integer-value', 7],
    ]);
  });

  it('come back so that they can be written again as they were', () => {
    tuples.write(...EVERYTHING);
    const [found] = tuples.readAll(EVERYTHING.map(() => any));
    tuples.write(...(found ?? []));
    expect(host.tuples[1]).toEqual(host.tuples[0]);
    expect(found).toEqual(['a', 6, { float: 6 }, 6.5, true, null, Uint8Array.of(1), -0, Number.NaN, 7]);
  });

  it('are refused where the engine would give others', () => {
    expect(() => tuples.write(2n ** 53n)).toThrow('expected an integer within ±(2^53 − 1), found 9007199254740992');
    expect(() => tuples.write('\ud800')).toThrow('lone surrogate');
    host.tuples.push([{ tag: 'integer-value', val: 2 ** 60 }]);
    expect(() => tuples.read([any])).toThrow(RangeError);
    expect(host.tuples).toHaveLength(1);
  });
});

describe('patterns', () => {
  beforeEach(() => {
    tuples.write('task', 'j', 3, 'text');
    tuples.write('task', 'j', float(3), 'text');
  });

  it('tell what they find', () => {
    const found = tuples.take(['task', 'j', int(), string()]);
    expectTypeOf(found).toEqualTypeOf<['task', 'j', number, string] | undefined>();
    expect(found).toEqual(['task', 'j', 3, 'text']);
    expect(tuples.take(['task', 'j', int(), string()])).toBeUndefined();
    const other = tuples.read(['task', any, float(), any]);
    expect(other === undefined ? undefined : toNumber(other[2])).toBe(3);
  });

  it('match their own type and arity alone', () => {
    expect(tuples.count(['task', 'j', any, any])).toBe(2);
    expect(tuples.count(['task', 'j', 3, any])).toBe(1);
    expect(tuples.count(['task', 'j', any])).toBe(0);
    expect(tuples.count([any, any, bool(), any])).toBe(0);
    expect(tuples.count([any, any, bytes(), any])).toBe(0);
  });

  it('swap what is there for something else', () => {
    const mine = tuple('task', 'j', 3, 'text');
    expect(tuples.compareAndSwap(['task', 'j', any, any], ['task', 'j', float(3), 'text'], ['x'])).toBe(false);
    expect(tuples.compareAndSwap(['task', 'j', any, any], mine, ['x'])).toBe(true);
    expect(tuples.count(['x'])).toBe(1);
  });
});
