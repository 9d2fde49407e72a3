/** Tuples and patterns between the WIT's variants, as jco lifts and lowers them, and core's. */
import { expectField } from '@plexspaces/core';
import type { FieldType, Pattern, PatternField, Tuple, TupleField } from '@plexspaces/core';

export type WitField =
  | { tag: 'string-value'; val: string }
  | { tag: 'integer-value'; val: bigint }
  | { tag: 'float-value'; val: number }
  | { tag: 'bytes-value'; val: Uint8Array }
  | { tag: 'boolean-value'; val: boolean }
  | { tag: 'null-value' };
type WitFieldType = 'string-type' | 'integer-type' | 'float-type' | 'bytes-type' | 'boolean-type' | 'null-type';
export type WitPatternField =
  | { tag: 'exact'; val: WitField }
  | { tag: 'wildcard' }
  | { tag: 'type-match'; val: WitFieldType };

const TYPE_OF_WIT: Readonly<Record<WitFieldType, FieldType>> = {
  'string-type': 'string',
  'integer-type': 'int',
  'float-type': 'float',
  'bytes-type': 'bytes',
  'boolean-type': 'bool',
  'null-type': 'null',
};

/** @throws INVALID_ARGUMENT for what no tuple may hold. */
export function tupleFromWit(fields: readonly WitField[]): Tuple {
  return fields.map(fromWit);
}

export function patternFromWit(pattern: readonly WitPatternField[]): Pattern {
  return pattern.map(patternFieldFromWit);
}

function patternFieldFromWit(wanted: WitPatternField): PatternField {
  switch (wanted.tag) {
    case 'exact':
      return { match: 'exact', field: fromWit(wanted.val) };
    case 'wildcard':
      return { match: 'any' };
    case 'type-match':
      return { match: 'type', type: TYPE_OF_WIT[wanted.val] };
  }
}

function fromWit(field: WitField): TupleField {
  switch (field.tag) {
    case 'string-value':
      return expectField({ type: 'string', value: field.val });
    case 'integer-value':
      return { type: 'int', value: field.val };
    case 'float-value':
      return { type: 'float', value: field.val };
    case 'bytes-value':
      return { type: 'bytes', value: field.val };
    case 'boolean-value':
      return { type: 'bool', value: field.val };
    case 'null-value':
      return { type: 'null' };
  }
}

export function tupleToWit(tuple: Tuple): WitField[] {
  return tuple.map((field) => {
    switch (field.type) {
      case 'string':
        return { tag: 'string-value', val: field.value };
      case 'int':
        return { tag: 'integer-value', val: field.value };
      case 'float':
        return { tag: 'float-value', val: field.value };
      case 'bytes':
        return { tag: 'bytes-value', val: field.value };
      case 'bool':
        return { tag: 'boolean-value', val: field.value };
      case 'null':
        return { tag: 'null-value' };
    }
  });
}
