/** GraphQL's notation of a type as TypeScript's. */
import type { FieldDescription } from '@plexspaces/client';
import { expectGraphqlName, invalid } from './names.ts';
import type { Names } from './names.ts';

const MAX_LENGTH = 300;
const TEXT = 'string';
const NUMBER = 'number';
/** Beyond 2^53 a number is written as a string of its digits. */
const DIGITS = 'number | string';

const SCALARS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Int: NUMBER,
    Float: NUMBER,
    String: TEXT,
    Boolean: 'boolean',
    ID: DIGITS,
    Date: TEXT,
    Time: TEXT,
    DateTime: TEXT,
    Duration: TEXT,
    UUID: TEXT,
    URL: TEXT,
    BigInt: DIGITS,
    Decimal: DIGITS,
    Bytes: TEXT,
  }),
);

/** `name: type`, or `name?: type` where it may be missing. */
export function fieldType({ name, type, defaultValue }: FieldDescription, names: Names): string {
  const isOptional = !type.endsWith('!') || defaultValue !== undefined;
  return `${expectGraphqlName(name)}${isOptional ? '?' : ''}: ${typeText(type, names)}`;
}

/** @throws INVALID_ARGUMENT for what is no type. */
export function typeText(notation: string, names: Names): string {
  if (notation.length > MAX_LENGTH) throw invalid('a type', notation);
  if (!notation.endsWith('!')) return `${innerText(notation, names)} | null`;
  return innerText(notation.slice(0, -1), names);
}

function innerText(notation: string, names: Names): string {
  if (notation.startsWith('[') && notation.endsWith(']')) {
    const item = typeText(notation.slice(1, -1), names);
    return `readonly ${item.includes(' ') ? `(${item})` : item}[]`;
  }
  return SCALARS.get(notation) ?? names.of(expectGraphqlName(notation));
}
