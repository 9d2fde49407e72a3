import { FIELD_TYPES, matches } from '@plexspaces/core';
import type { FieldType, PatternField, TupleField } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTuple } from './arbitraries.ts';

/** Two unequal values of each type, the second one near to the first. */
const SAMPLES: Readonly<Record<FieldType, readonly TupleField[]>> = {
  string: [
    { type: 'string', value: '1' },
    { type: 'string', value: '' },
  ],
  int: [
    { type: 'int', value: 1n },
    { type: 'int', value: 0n },
  ],
  float: [
    { type: 'float', value: 1 },
    { type: 'float', value: 0 },
    { type: 'float', value: -0 },
    { type: 'float', value: NaN },
  ],
  bytes: [
    { type: 'bytes', value: Uint8Array.of(49) },
    { type: 'bytes', value: new Uint8Array() },
  ],
  bool: [
    { type: 'bool', value: true },
    { type: 'bool', value: false },
  ],
  null: [{ type: 'null' }],
};
const ALL = Object.values(SAMPLES).flat();

describe('matching', () => {
  it.each(FIELD_TYPES)('by type %s takes the values of that type and no other', (type) => {
    const matched = ALL.filter((field) => matches([{ match: 'type', type }], [field]));
    expect(matched).toEqual(SAMPLES[type]);
  });

  it('by any takes every value', () => {
    expect(ALL.every((field) => matches([{ match: 'any' }], [field]))).toBe(true);
  });

  it('by value takes that value alone: 1 is not 1.0 nor "1", 0 is not -0, NaN is NaN', () => {
    for (const wanted of ALL) {
      const matched = ALL.filter((field) => matches([{ match: 'exact', field: copy(wanted) }], [field]));
      expect(matched).toEqual([wanted]);
    }
  });

  it('needs the same arity', () => {
    const any: PatternField = { match: 'any' };
    expect(matches([], [])).toBe(true);
    expect(matches([any], [])).toBe(false);
    expect(matches([], [{ type: 'null' }])).toBe(false);
    expect(matches([any], [{ type: 'null' }, { type: 'null' }])).toBe(false);
  });

  it('of a tuple by itself always succeeds, and fails once one field differs in type', () => {
    fc.assert(
      fc.property(anyTuple, (tuple) => {
        const pattern = tuple.map((field): PatternField => ({ match: 'exact', field: copy(field) }));
        expect(matches(pattern, tuple)).toBe(true);
        const [first, ...rest] = tuple;
        if (first === undefined) return;
        const other: TupleField = first.type === 'null' ? { type: 'bool', value: true } : { type: 'null' };
        expect(matches(pattern, [other, ...rest])).toBe(false);
      }),
    );
  });
});

/** Bytes of its own, so that equality is by content. */
function copy(field: TupleField): TupleField {
  return field.type === 'bytes' ? { type: 'bytes', value: field.value.slice() } : { ...field };
}
