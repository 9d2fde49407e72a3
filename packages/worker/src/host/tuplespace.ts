/** Tuple space: thread half. Translates between WIT's variants and tuples; the space is on the main thread. */
import { expectField, PlexSpacesError } from '@plexspaces/core';
import type { FieldType, Pattern, PatternField, Tuple, TupleField } from '@plexspaces/core';
import type { HostValue } from '../protocol.ts';
import { askHost } from './context.ts';
import type { HostContext } from './context.ts';
import { witResult } from './results.ts';
import type { WitResult } from './results.ts';

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

export interface TuplespaceImports {
  tuplespaceWrite(value: WitField[]): WitResult<undefined>;
  tuplespaceRead(pattern: WitPatternField[]): WitResult<WitField[] | undefined>;
  tuplespaceTake(pattern: WitPatternField[]): WitResult<WitField[] | undefined>;
  tuplespaceCount(pattern: WitPatternField[]): WitResult<bigint>;
}

const TYPE_OF_WIT: Readonly<Record<WitFieldType, FieldType>> = {
  'string-type': 'string',
  'integer-type': 'int',
  'float-type': 'float',
  'bytes-type': 'bytes',
  'boolean-type': 'bool',
  'null-type': 'null',
};

export function tuplespaceImports(context: HostContext): TuplespaceImports {
  return {
    tuplespaceWrite: (value) =>
      witResult(() => {
        askHost(context, { function: 'tuplespace-write', tuple: value.map(fromWit) });
        return undefined;
      }),
    tuplespaceRead: (pattern) =>
      witResult(() =>
        optionalTuple(askHost(context, { function: 'tuplespace-read', pattern: patternFromWit(pattern) })),
      ),
    tuplespaceTake: (pattern) =>
      witResult(() =>
        optionalTuple(askHost(context, { function: 'tuplespace-take', pattern: patternFromWit(pattern) })),
      ),
    tuplespaceCount: (pattern) =>
      witResult(() => count(askHost(context, { function: 'tuplespace-count', pattern: patternFromWit(pattern) }))),
  };
}

function optionalTuple(value: HostValue): WitField[] | undefined {
  if (value.type === 'none') return undefined;
  if (value.type === 'tuple') return tupleToWit(value.tuple);
  throw new PlexSpacesError('INTERNAL', `expected a tuple or none from the host, found ${value.type}`);
}

function count(value: HostValue): bigint {
  if (value.type === 'u64') return value.value;
  throw new PlexSpacesError('INTERNAL', `expected a count from the host, found ${value.type}`);
}

function patternFromWit(pattern: readonly WitPatternField[]): Pattern {
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

function tupleToWit(tuple: Tuple): WitField[] {
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
