/** Between plain fields and the interface's; what the engine cannot carry exactly is refused here. */
import { describeField, isFloat, isMatch } from './fields.ts';
import type { Field, Found, FoundField, Pattern, PatternItem } from './fields.ts';
import type { WitField, WitPattern, WitPatternField, WitTuple } from './host.ts';

export function toTuple(fields: readonly Field[]): WitTuple {
  return fields.map(toField);
}

export function toPattern(items: Pattern): WitPattern {
  return items.map(toPatternField);
}

function toPatternField(item: PatternItem): WitPatternField {
  if (!isMatch(item)) return { tag: 'exact', val: toField(item) };
  return item.match === 'any' ? { tag: 'wildcard' } : { tag: 'type-match', val: item.match };
}

function toField(value: Field): WitField {
  if (value === null) return { tag: 'null-value' };
  if (value instanceof Uint8Array) return { tag: 'bytes-value', val: value };
  switch (typeof value) {
    case 'string':
      return { tag: 'string-value', val: expectUnicode(value) };
    case 'bigint':
      return { tag: 'integer-value', val: expectExact(Number(value), value) };
    case 'boolean':
      return { tag: 'boolean-value', val: value };
    case 'number':
      return { tag: isInt(value) ? 'integer-value' : 'float-value', val: value };
    default:
      if (isFloat(value)) return { tag: 'float-value', val: value.float };
      throw new TypeError(
        `tuple field: expected a string, number, bigint, boolean, null, bytes or float(…), found ${describeField(value)}`,
      );
  }
}

export function fromFound<P extends Pattern>(found: WitTuple | null): Found<P> | undefined {
  return found === null ? undefined : fromTuple<P>(found);
}

/** That a match has the pattern's types is the node's word. */
export function fromTuple<P extends Pattern>(found: WitTuple): Found<P> {
  return found.map(fromField) as Found<P>;
}

function fromField(field: WitField): FoundField {
  switch (field.tag) {
    case 'null-value':
      return null;
    case 'integer-value':
      return expectExact(field.val, field.val);
    case 'float-value':
      return isInt(field.val) ? { float: field.val } : field.val;
    default:
      return field.val;
  }
}

function isInt(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** The engine carries integers as numbers: beyond 2^53 it would give another one, and nobody would know. */
function expectExact(value: number, found: number | bigint): number {
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`tuple field: expected an integer within ±(2^53 − 1), found ${found}`);
}

function expectUnicode(value: string): string {
  if (value.isWellFormed()) return value;
  throw new TypeError('tuple field: expected Unicode text, found a lone surrogate');
}
