/** Tuples: ordered, typed fields. Equality is by type and `Object.is`: 1 is not 1.0, NaN is NaN, -0 is not 0. */
import { PlexSpacesError } from './errors.ts';

export type TupleField =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'null' };

export type FieldType = TupleField['type'];
export const FIELD_TYPES: readonly FieldType[] = ['string', 'int', 'float', 'bytes', 'bool', 'null'];

export type Tuple = readonly TupleField[];

export const MAX_TUPLE_ARITY = 64;
/** Of a tuple or pattern in its binary form. */
export const MAX_TUPLE_BYTES = 262_144;

export const MIN_INT: bigint = -(2n ** 63n);
export const MAX_INT: bigint = 2n ** 63n - 1n;

export function fieldsEqual(a: TupleField, b: TupleField): boolean {
  switch (a.type) {
    case 'null':
      return b.type === 'null';
    case 'bytes':
      return b.type === 'bytes' && bytesEqual(a.value, b.value);
    default:
      return a.type === b.type && Object.is(a.value, b.value);
  }
}

/** @throws INVALID_ARGUMENT if the arity is over MAX_TUPLE_ARITY. */
export function expectArity(arity: number, what: 'tuple' | 'pattern'): void {
  if (arity <= MAX_TUPLE_ARITY) return;
  throw new PlexSpacesError('INVALID_ARGUMENT', `${what}: expected at most ${MAX_TUPLE_ARITY} fields, found ${arity}`);
}

/** @throws INVALID_ARGUMENT for an integer outside 64 bits or a string that is no Unicode text. */
export function expectField(field: TupleField): TupleField {
  if (field.type === 'int' && (field.value < MIN_INT || field.value > MAX_INT)) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `int: expected a signed 64-bit integer, found ${field.value}`);
  }
  if (field.type === 'string' && !field.value.isWellFormed()) {
    throw new PlexSpacesError('INVALID_ARGUMENT', 'string: expected Unicode text, found a lone surrogate');
  }
  return field;
}

function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
