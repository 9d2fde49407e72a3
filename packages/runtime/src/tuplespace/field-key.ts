/** What a Map may file a field under: equal for equal fields, different for all others. */
import type { TupleField } from '@plexspaces/core';

/** Of tuples and patterns: each further one takes memory for every tuple. */
export const MAX_INDEXED_FIELDS = 8;

export type FieldKey = string | bigint | number | boolean | null;

// A tuple's own strings are well-formed Unicode, so that none begins with a lone surrogate.
const BYTES = '\ud800';
/** To a Map 0 and -0 are one key; to a tuple they are two values. */
const NEGATIVE_ZERO = '\ud801';

export function fieldKey(field: TupleField): FieldKey {
  switch (field.type) {
    case 'null':
      return null;
    case 'float':
      return Object.is(field.value, -0) ? NEGATIVE_ZERO : field.value;
    case 'bytes':
      return BYTES + bytesOf(field.value).toString('latin1');
    default:
      return field.value;
  }
}

function bytesOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
