/** About how much the tuple operations of a stream take: what text and bytes have, and something for each field. */
import type {
  Field as FieldMessage,
  Pattern as PatternMessage,
  Tuple as TupleMessage,
  TupleRequest,
  TupleResponse,
} from '../gen/plexspaces/v1/tuplespace.ts';

const FIELD_BYTES = 16;

export function tupleRequestBytes({ operation }: TupleRequest): number {
  switch (operation?.$case) {
    case 'write':
      return tupleBytes(operation.value.tuple);
    case 'take':
    case 'read':
    case 'count':
    case 'readAll':
      return patternBytes(operation.value.pattern);
    case 'compareAndSwap': {
      const { pattern, expected, replacement } = operation.value;
      return patternBytes(pattern) + tupleBytes(expected) + tupleBytes(replacement);
    }
    case 'renew':
    case undefined:
      return 0;
  }
}

export function tupleResponseBytes({ outcome }: TupleResponse): number {
  switch (outcome?.$case) {
    case 'take':
    case 'read':
      return tupleBytes(outcome.value.tuple);
    case 'readAll':
      return outcome.value.tuples.reduce((sum, tuple) => sum + tupleBytes(tuple), 0);
    case 'error':
      return outcome.value.message.length;
    default:
      return 0;
  }
}

function tupleBytes(tuple: TupleMessage | undefined): number {
  let bytes = 0;
  for (const field of tuple?.fields ?? []) bytes += fieldBytes(field);
  return bytes;
}

function patternBytes(pattern: PatternMessage | undefined): number {
  let bytes = 0;
  for (const { value } of pattern?.fields ?? []) {
    bytes += value?.$case === 'exact' ? fieldBytes(value.value) : FIELD_BYTES;
  }
  return bytes;
}

function fieldBytes({ value }: FieldMessage): number {
  if (value?.$case === 'string' || value?.$case === 'bytes') return FIELD_BYTES + value.value.length;
  return FIELD_BYTES;
}
