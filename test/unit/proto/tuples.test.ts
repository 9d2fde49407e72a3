import {
  FieldTypeMessage,
  PatternMessage,
  patternFromMessage,
  patternToMessage,
  TupleMessage,
  tupleFromMessage,
  tupleToMessage,
} from '@plexspaces/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPattern, anyTuple } from '../core/arbitraries.ts';

const INVALID = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

describe('tuples and patterns on the wire', () => {
  it('come back the same', () => {
    fc.assert(
      fc.property(anyTuple, anyPattern, (tuple, pattern) => {
        const tupleBytes = TupleMessage.encode(tupleToMessage(tuple)).finish();
        const patternBytes = PatternMessage.encode(patternToMessage(pattern)).finish();
        expect(tupleFromMessage(TupleMessage.decode(tupleBytes))).toStrictEqual(tuple);
        expect(patternFromMessage(PatternMessage.decode(patternBytes))).toStrictEqual(pattern);
      }),
    );
  });

  it('are refused where they are missing', () => {
    expect(() => tupleFromMessage(undefined)).toThrowError(INVALID);
    expect(() => patternFromMessage(undefined)).toThrowError(INVALID);
  });

  it('are refused with the place of a field without a value', () => {
    const empty = { value: undefined };
    const text = { value: { $case: 'string', value: 'a' } } as const;
    expect(() => tupleFromMessage({ fields: [text, empty] })).toThrowError('tuple.fields[1]: expected a value');
    expect(() => patternFromMessage({ fields: [empty] })).toThrowError(
      'pattern.fields[0]: expected exact, any or type',
    );
    const exact = { value: { $case: 'exact', value: empty } } as const;
    expect(() => patternFromMessage({ fields: [exact] })).toThrowError('pattern.fields[0].exact: expected a value');
  });

  it('are refused where a type is none, or there are more than 64 fields', () => {
    const unspecified = { value: { $case: 'type', value: FieldTypeMessage.FIELD_TYPE_UNSPECIFIED } } as const;
    expect(() => patternFromMessage({ fields: [unspecified] })).toThrowError(INVALID);
    const nulls = Array.from({ length: 65 }, () => ({ value: { $case: 'bool', value: true } }) as const);
    expect(() => tupleFromMessage({ fields: nulls })).toThrowError('at most 64 fields, found 65');
    expect(tupleFromMessage({ fields: nulls.slice(1) })).toHaveLength(64);
  });
});
