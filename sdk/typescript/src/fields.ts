/** What tuples are made of, and what patterns look for. */
import type { WitFieldType } from './host.ts';

/** A float where a number alone would say int: 6.0. */
export interface Float {
  readonly float: number;
}

/**
 * A safe integral number or a bigint is an int; any other number, and `float(6)`, is a float. What is read comes back
 * in the same way, so that it can be written again as it was; a bigint comes back as a number.
 */
export type Field = string | number | bigint | boolean | null | Uint8Array | Float;
/** A field that was read. */
export type FoundField = string | number | boolean | null | Uint8Array | Float;

/** In a pattern: any value of one type, or of any. */
export interface Match<Value extends FoundField> {
  readonly match: WitFieldType | 'any';
  /** What it finds; a type, never a value. */
  readonly found?: Value;
}

export type PatternItem = Field | Match<FoundField>;
export type Pattern = readonly PatternItem[];

/** What a pattern finds, field by field. */
export type Found<P extends Pattern> = { -readonly [K in keyof P]: FoundBy<P[K]> };
type FoundBy<Item> =
  Item extends Match<infer Value> ? Value : Item extends bigint ? number : Item extends FoundField ? Item : never;

/** Any value of any type. */
export const any: Match<FoundField> = { match: 'any' };

export function string(): Match<string> {
  return { match: 'string-type' };
}

export function int(): Match<number> {
  return { match: 'integer-type' };
}

export function bytes(): Match<Uint8Array> {
  return { match: 'bytes-type' };
}

export function bool(): Match<boolean> {
  return { match: 'boolean-type' };
}

/** Any float, in a pattern; with a value that float, in tuples and patterns. */
export function float(): Match<number | Float>;
export function float(value: number): Float;
export function float(value?: number): Float | Match<number | Float> {
  return value === undefined ? { match: 'float-type' } : { float: value };
}

/** A tuple by itself, for `compareAndSwap`; TypeScript keeps its length and its fields' types. */
export function tuple<const Fields extends readonly Field[]>(...fields: Fields): Fields {
  return fields;
}

/** The number of an int or a float that was read. @throws TypeError for any other field. */
export function toNumber(field: FoundField): number {
  if (typeof field === 'number') return field;
  if (isFloat(field)) return field.float;
  throw new TypeError(`tuple field: expected a number, found ${describeField(field)}`);
}

export function isMatch(item: PatternItem): item is Match<FoundField> {
  return typeof item === 'object' && item !== null && 'match' in item;
}

export function isFloat(value: unknown): value is Float {
  return typeof value === 'object' && value !== null && 'float' in value && typeof value.float === 'number';
}

export function describeField(value: unknown): string {
  return typeof value === 'object' ? (JSON.stringify(value) ?? 'an object') : `a ${typeof value}`;
}
