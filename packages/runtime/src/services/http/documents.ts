/** JSON documents that come in: parsed once, every key known, every number with its own spelling. */
import { parseTupleDocument, PlexSpacesError, quote } from '@plexspaces/core';
import { parseJson, textOf } from './payload.ts';
import type { HttpBody } from './route.ts';

declare global {
  // Of ECMAScript's "JSON.parse source text access"; the compiler's library has it not yet.
  interface JSON {
    /** A value that JSON.stringify writes as this text. */
    rawJSON(text: string): object;
  }
}

/** With numbers as they were written, for stringifyExact. @throws INVALID_ARGUMENT for a key that is none of these. */
export function expectDocument(body: HttpBody, keys: readonly string[]): JsonFields {
  const text = textOf(body.bytes);
  parseJson(text); // for its message
  return new JsonFields(JSON.parse(text, keepSpelling), keys);
}

/** With its integers as bigints, as tuples have them. @throws INVALID_ARGUMENT for a key that is none of these. */
export function expectTupleDocument(body: HttpBody, keys: readonly string[]): JsonFields {
  return new JsonFields(parseTupleDocument(textOf(body.bytes)), keys);
}

/** The JSON of a document's value; only what stands between its values may differ from what came. */
export function stringifyExact(value: unknown): string {
  return JSON.stringify(value);
}

/** The fields of one JSON object. What is null counts as not there where a value of another type is wanted. */
export class JsonFields {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(document: unknown, keys: readonly string[]) {
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      throw invalid('$: expected a JSON object, found something else');
    }
    this.#fields = new Map<string, unknown>(Object.entries(document));
    for (const key of this.#fields.keys()) {
      if (!keys.includes(key)) throw invalid(`$: expected the keys ${keys.join(', ')}, found ${quote(key)}`);
    }
  }

  has(key: string): boolean {
    return this.#fields.has(key);
  }

  value(key: string): unknown {
    return this.#fields.get(key);
  }

  text(key: string): string | undefined {
    const value = this.value(key) ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw invalid(`$.${key}: expected a string, found ${kindOf(value)}`);
  }

  /** Of a document with bigints; digits in a string count as well. */
  count(key: string, max: bigint): bigint | undefined {
    const value = this.value(key) ?? undefined;
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : value;
    if (typeof number === 'bigint' && number >= 0n && number <= max) return number;
    throw invalid(`$.${key}: expected an integer of 0-${max}, found ${kindOf(value)}`);
  }

  texts(key: string): Record<string, string> {
    const value = this.value(key) ?? {};
    const entries = typeof value === 'object' ? Object.entries(value) : [['', value] as const];
    return Object.fromEntries(
      entries.map(([name, text]): [string, string] => {
        if (typeof text === 'string') return [name, text];
        throw invalid(`$.${key}: expected an object of strings, found ${kindOf(text)}`);
      }),
    );
  }
}

function keepSpelling(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? JSON.rawJSON(context?.source ?? String(value)) : value;
}

function kindOf(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return quote(value);
  return Array.isArray(value) ? 'an array' : typeof value;
}

function invalid(message: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', message, { reason: 'VALIDATION' });
}
