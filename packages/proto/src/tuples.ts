/** Tuples and patterns between their vocabulary form (@plexspaces/core) and their protobuf messages. */
import { expectField, MAX_TUPLE_ARITY, PlexSpacesError } from '@plexspaces/core';
import type { FieldType, Pattern, PatternField, Tuple, TupleField } from '@plexspaces/core';
import { FieldType as FieldTypeMessage } from '../gen/plexspaces/v1/tuplespace.ts';
import type {
  Field as FieldMessage,
  Pattern as PatternMessage,
  PatternField as PatternFieldMessage,
  Tuple as TupleMessage,
} from '../gen/plexspaces/v1/tuplespace.ts';
import { NullValue } from '../gen/google/protobuf/struct.ts';

const TYPE_TO_MESSAGE: Readonly<Record<FieldType, FieldTypeMessage>> = {
  string: FieldTypeMessage.FIELD_TYPE_STRING,
  int: FieldTypeMessage.FIELD_TYPE_INT,
  float: FieldTypeMessage.FIELD_TYPE_FLOAT,
  bytes: FieldTypeMessage.FIELD_TYPE_BYTES,
  bool: FieldTypeMessage.FIELD_TYPE_BOOL,
  null: FieldTypeMessage.FIELD_TYPE_NULL,
};
const MESSAGE_TO_TYPE: ReadonlyMap<FieldTypeMessage, FieldType> = new Map([
  [FieldTypeMessage.FIELD_TYPE_STRING, 'string'],
  [FieldTypeMessage.FIELD_TYPE_INT, 'int'],
  [FieldTypeMessage.FIELD_TYPE_FLOAT, 'float'],
  [FieldTypeMessage.FIELD_TYPE_BYTES, 'bytes'],
  [FieldTypeMessage.FIELD_TYPE_BOOL, 'bool'],
  [FieldTypeMessage.FIELD_TYPE_NULL, 'null'],
]);

export function tupleToMessage(tuple: Tuple): TupleMessage {
  return { fields: tuple.map(fieldToMessage) };
}

export function patternToMessage(pattern: Pattern): PatternMessage {
  return { fields: pattern.map(patternFieldToMessage) };
}

/** @throws INVALID_ARGUMENT where it is missing, too long or has a field without a value. */
export function tupleFromMessage(message: TupleMessage | undefined): Tuple {
  const fields = expectFields(message?.fields, 'tuple');
  return fields.map((field, index) => fieldFromMessage(field, `tuple.fields[${index}]`));
}

/** @throws INVALID_ARGUMENT where it is missing, too long or has a field without a value. */
export function patternFromMessage(message: PatternMessage | undefined): Pattern {
  const fields = expectFields(message?.fields, 'pattern');
  return fields.map((field, index) => patternFieldFromMessage(field, `pattern.fields[${index}]`));
}

function fieldToMessage(field: TupleField): FieldMessage {
  switch (field.type) {
    case 'string':
      return { value: { $case: 'string', value: field.value } };
    case 'int':
      return { value: { $case: 'int', value: field.value } };
    case 'float':
      return { value: { $case: 'float', value: field.value } };
    case 'bytes':
      return { value: { $case: 'bytes', value: field.value } };
    case 'bool':
      return { value: { $case: 'bool', value: field.value } };
    case 'null':
      return { value: { $case: 'null', value: NullValue.NULL_VALUE } };
  }
}

function patternFieldToMessage(field: PatternField): PatternFieldMessage {
  switch (field.match) {
    case 'any':
      return { value: { $case: 'any', value: true } };
    case 'type':
      return { value: { $case: 'type', value: TYPE_TO_MESSAGE[field.type] } };
    case 'exact':
      return { value: { $case: 'exact', value: fieldToMessage(field.field) } };
  }
}

function fieldFromMessage({ value }: FieldMessage, path: string): TupleField {
  switch (value?.$case) {
    case 'string':
      return expectField({ type: 'string', value: value.value });
    case 'int':
      return { type: 'int', value: value.value };
    case 'float':
      return { type: 'float', value: value.value };
    case 'bytes':
      return { type: 'bytes', value: value.value };
    case 'bool':
      return { type: 'bool', value: value.value };
    case 'null':
      return { type: 'null' };
    case undefined:
      throw invalid(path, 'a value (null is null_value)', 'none');
  }
}

function patternFieldFromMessage({ value }: PatternFieldMessage, path: string): PatternField {
  switch (value?.$case) {
    case 'exact':
      return { match: 'exact', field: fieldFromMessage(value.value, `${path}.exact`) };
    case 'any':
      return { match: 'any' };
    case 'type': {
      const type = MESSAGE_TO_TYPE.get(value.value);
      if (type === undefined) throw invalid(`${path}.type`, 'a FieldType of 1-6', String(value.value));
      return { match: 'type', type };
    }
    case undefined:
      throw invalid(path, 'exact, any or type', 'none');
  }
}

function expectFields<Field>(fields: readonly Field[] | undefined, path: 'tuple' | 'pattern'): readonly Field[] {
  if (fields === undefined) throw invalid(path, `a ${path}`, 'none');
  if (fields.length <= MAX_TUPLE_ARITY) return fields;
  throw invalid(path, `at most ${MAX_TUPLE_ARITY} fields`, String(fields.length));
}

function invalid(path: string, expected: string, found: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected ${expected}, found ${found}`, {
    reason: 'VALIDATION',
  });
}
