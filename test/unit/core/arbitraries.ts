/** Tuples and patterns of every kind, with the edges of each type among them. */
import { FIELD_TYPES, MAX_INT, MIN_INT } from '@plexspaces/core';
import type { Pattern, PatternField, Tuple, TupleField } from '@plexspaces/core';
import fc from 'fast-check';

const text = fc.oneof(fc.constantFrom('', '\0', '\u{10ffff}', 'é'), fc.string({ unit: 'binary', maxLength: 20 }));

export const anyField: fc.Arbitrary<TupleField> = fc.oneof(
  text.map((value): TupleField => ({ type: 'string', value })),
  fc
    .oneof(fc.bigInt({ min: MIN_INT, max: MAX_INT }), fc.constantFrom(MIN_INT, MAX_INT, 0n))
    .map((value): TupleField => ({ type: 'int', value })),
  fc
    .oneof(fc.double(), fc.constantFrom(NaN, -0, 0, Infinity, -Infinity, 1e21, 5e-324))
    .map((value): TupleField => ({ type: 'float', value })),
  fc.uint8Array({ maxLength: 20 }).map((value): TupleField => ({ type: 'bytes', value })),
  fc.boolean().map((value): TupleField => ({ type: 'bool', value })),
  fc.constant<TupleField>({ type: 'null' }),
);

export const anyTuple: fc.Arbitrary<Tuple> = fc.array(anyField, { maxLength: 8 });

const anyPatternField: fc.Arbitrary<PatternField> = fc.oneof(
  anyField.map((field): PatternField => ({ match: 'exact', field })),
  fc.constant<PatternField>({ match: 'any' }),
  fc.constantFrom(...FIELD_TYPES).map((type): PatternField => ({ match: 'type', type })),
);

export const anyPattern: fc.Arbitrary<Pattern> = fc.array(anyPatternField, { maxLength: 8 });
