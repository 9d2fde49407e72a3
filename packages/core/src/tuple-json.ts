/**
 * The JSON form of tuples and patterns, for the command line, HTTP and clients.
 *
 * `["name", 6, {"float": 6}, {"bytes": "AAE="}, true, null]`: an integer literal is an int, a number
 * with a fraction or an exponent is a float; `{"int": "9223372036854775807"}`, `{"float": "NaN"}` and
 * `{"string": …}` say the type. In a pattern `{"?": "any"}` or `{"?": "int"}` is a wildcard.
 */
import { PlexSpacesError } from './errors.ts';
import { quote } from './ids.ts';
import type { Pattern, PatternField } from './pattern.ts';
import { expectArity, expectField, FIELD_TYPES } from './tuple.ts';
import type { FieldType, Tuple, TupleField } from './tuple.ts';

/** What a field may be given as in a program; a safe integral number is an int, `{ float: 6 }` a float. */
export type FieldInput =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | { readonly string: string }
  | { readonly int: number | bigint | string }
  | { readonly float: number | bigint | string }
  | { readonly bytes: string | Uint8Array };
export type PatternFieldInput = FieldInput | { readonly '?': 'any' | FieldType };

/** A list of fields, in which a safe integral number is an int; or JSON text, in which `6.0` is a float. */
export type TupleInput = readonly FieldInput[] | string;
/** As TupleInput; `{ "?": "any" }` and `{ "?": "int" }` are wildcards. */
export type PatternInput = readonly PatternFieldInput[] | string;

/** What a field comes back as: plain where the JSON literal says the type, tagged where it does not. */
export type FieldOutput =
  | string
  | number
  | boolean
  | null
  | { readonly int: string }
  | { readonly float: number | string }
  | { readonly bytes: string };

/** A number literal that had a fraction or an exponent; an integer literal becomes a bigint. */
class FloatLiteral {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

const INTEGER_LITERAL = /^-?\d+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const FLOAT_WORDS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };

/** @throws INVALID_ARGUMENT with the path of what is wrong. */
export function toTuple(input: TupleInput): Tuple {
  return typeof input === 'string' ? parseTupleText(input) : tupleFromInput(input);
}

/** @throws INVALID_ARGUMENT with the path of what is wrong. */
export function toPattern(input: PatternInput): Pattern {
  return typeof input === 'string' ? parsePatternText(input) : patternFromInput(input);
}

/** @throws INVALID_ARGUMENT with the path of what is wrong. */
export function parseTupleText(text: string): Tuple {
  return tupleFromInput(parseLiterals(text));
}

/** @throws INVALID_ARGUMENT with the path of what is wrong. */
export function parsePatternText(text: string): Pattern {
  return patternFromInput(parseLiterals(text));
}

/** @throws INVALID_ARGUMENT with the path of what is wrong. */
export function tupleFromInput(input: unknown): Tuple {
  return expectList(input, 'tuple').map((field, index) => fieldFromInput(field, `$[${index}]`));
}

/** @throws INVALID_ARGUMENT with the path of what is wrong. */
export function patternFromInput(input: unknown): Pattern {
  return expectList(input, 'pattern').map((field, index) => patternFieldFromInput(field, `$[${index}]`));
}

export function tupleToOutput(tuple: Tuple): FieldOutput[] {
  return tuple.map(fieldToOutput);
}

/**
 * A document that holds tuples and patterns, for tupleFromInput and patternFromInput: its integers are bigints.
 * @throws INVALID_ARGUMENT
 */
export function parseTupleDocument(text: string): unknown {
  return parseLiterals(text, 'JSON');
}

function parseLiterals(text: string, expected = 'a JSON array'): unknown {
  try {
    return JSON.parse(text, keepNumberKind);
  } catch (cause) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `expected ${expected}, found ${quote(text)}`, { cause });
  }
}

/** JSON.parse gives a reviver the literal's own text, which is all that tells 6 from 6.0. */
function keepNumberKind(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number') return value;
  const source = context?.source ?? String(value);
  return INTEGER_LITERAL.test(source) ? BigInt(source) : new FloatLiteral(value);
}

function expectList(input: unknown, what: 'tuple' | 'pattern'): readonly unknown[] {
  if (!Array.isArray(input)) throw invalid('$', `a JSON array (the ${what})`, input);
  expectArity(input.length, what);
  return input;
}

function patternFieldFromInput(input: unknown, path: string): PatternField {
  const tag = soleProperty(input);
  if (tag?.name !== '?') return { match: 'exact', field: fieldFromInput(input, path) };
  if (tag.value === 'any') return { match: 'any' };
  const type = FIELD_TYPES.find((name) => name === tag.value);
  if (type === undefined) throw invalid(path, `"any" or one of ${FIELD_TYPES.join(', ')} behind "?"`, tag.value);
  return { match: 'type', type };
}

function fieldFromInput(input: unknown, path: string): TupleField {
  if (input === null) return { type: 'null' };
  if (input instanceof Uint8Array) return { type: 'bytes', value: input };
  if (input instanceof FloatLiteral) return { type: 'float', value: input.value };
  switch (typeof input) {
    case 'string':
      return expectField({ type: 'string', value: input });
    case 'bigint':
      return expectField({ type: 'int', value: input });
    case 'boolean':
      return { type: 'bool', value: input };
    case 'number':
      return Number.isSafeInteger(input) && !Object.is(input, -0)
        ? { type: 'int', value: BigInt(input) }
        : { type: 'float', value: input };
    default:
      return taggedField(input, path);
  }
}

function taggedField(input: unknown, path: string): TupleField {
  const tag = soleProperty(input);
  switch (tag?.name) {
    case 'string':
      if (typeof tag.value === 'string') return expectField({ type: 'string', value: tag.value });
      throw invalid(path, 'a string behind "string"', tag.value);
    case 'int':
      return expectField({ type: 'int', value: toInt(tag.value, path) });
    case 'float':
      return { type: 'float', value: toFloat(tag.value, path) };
    case 'bytes':
      return { type: 'bytes', value: toBytes(tag.value, path) };
    default:
      throw invalid(path, 'a string, number, boolean, null, {"int"}, {"float"}, {"bytes"} or {"string"}', input);
  }
}

function toInt(value: unknown, path: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && INTEGER_LITERAL.test(value)) return BigInt(value);
  throw invalid(path, 'an integer or its decimal digits behind "int"', value);
}

function toFloat(value: unknown, path: string): number {
  if (value instanceof FloatLiteral) return value.value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const word = typeof value === 'string' ? FLOAT_WORDS[value] : undefined;
  if (word !== undefined) return word;
  throw invalid(path, 'a number, "NaN", "Infinity", "-Infinity" or "-0" behind "float"', value);
}

function toBytes(value: unknown, path: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string' && BASE64.test(value)) return Uint8Array.from(Buffer.from(value, 'base64'));
  throw invalid(path, 'base64 with padding behind "bytes"', value);
}

function fieldToOutput(field: TupleField): FieldOutput {
  switch (field.type) {
    case 'null':
      return null;
    case 'string':
    case 'bool':
      return field.value;
    case 'int':
      return Number.isSafeInteger(Number(field.value)) ? Number(field.value) : { int: field.value.toString() };
    case 'float':
      return floatToOutput(field.value);
    case 'bytes':
      return { bytes: Buffer.from(field.value).toString('base64') };
  }
}

/** Only a literal with a fraction or an exponent reads back as a float. */
function floatToOutput(value: number): FieldOutput {
  if (Object.is(value, -0)) return { float: '-0' };
  if (!Number.isFinite(value)) return { float: String(value) };
  return INTEGER_LITERAL.test(String(value)) ? { float: value } : value;
}

function soleProperty(input: unknown): { name: string; value: unknown } | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const entries = Object.entries(input);
  const [entry] = entries;
  return entries.length === 1 && entry !== undefined ? { name: entry[0], value: entry[1] } : undefined;
}

function invalid(path: string, expected: string, found: unknown): PlexSpacesError {
  const text = found instanceof FloatLiteral ? String(found.value) : describe(found);
  return new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected ${expected}, found ${text}`, {
    reason: 'VALIDATION',
  });
}

function describe(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  const plain = (_key: string, inner: unknown): unknown => {
    if (typeof inner === 'bigint') return inner.toString();
    return inner instanceof FloatLiteral ? inner.value : inner;
  };
  const text = JSON.stringify(value, plain) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
