/**
 * A payload's JSON as values, with what JSON.parse alone would not notice: a field that is there twice (of which a guest
 * may read another one than the check), nesting that ends a stack, whole numbers that a double does not hold.
 */
import { MAX_DEPTH, shapeOf } from './json-shape.ts';

export type JsonText =
  | {
      readonly kind: 'value';
      readonly value: unknown;
      /** Of all its objects, in the text. */ readonly members: number;
    }
  | { readonly kind: 'bad'; readonly expected: string; readonly found: string };

const LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;
/** A byte order mark is not swallowed: the guest would get it. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @param exactIntegers whole numbers beyond 2^53 become bigints. */
export function readJson(payload: Uint8Array, exactIntegers: boolean): JsonText {
  const { depth, members } = shapeOf(payload);
  if (depth > MAX_DEPTH) return { kind: 'bad', expected: `at most ${MAX_DEPTH} levels`, found: `${depth}` };
  const text = decode(payload);
  if (text === undefined) return { kind: 'bad', expected: 'UTF-8', found: 'other bytes' };
  try {
    const isExact = exactIntegers && LONG_NUMBER.test(text);
    const value: unknown = isExact ? JSON.parse(text, toExact) : JSON.parse(text);
    return { kind: 'value', value, members };
  } catch (thrown) {
    return { kind: 'bad', expected: 'JSON', found: found(payload, thrown) };
  }
}

function decode(payload: Uint8Array): string | undefined {
  try {
    return decoder.decode(payload);
  } catch {
    return undefined;
  }
}

function found(payload: Uint8Array, thrown: unknown): string {
  if (payload.length === 0) return 'nothing';
  const position = thrown instanceof Error ? /position (\d+)/.exec(thrown.message)?.[1] : undefined;
  return position === undefined ? 'something else' : `something else at character ${position}`;
}

function toExact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value;
  return INTEGER.test(source) ? BigInt(source) : value;
}
