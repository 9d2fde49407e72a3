/** Between JavaScript values and what the interface carries: bytes, mostly of JSON. */
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** Something that was to be JSON and is not; its message goes to the caller as it is. */
export class NotJsonError extends Error {
  override readonly name = 'NotJsonError';
}

const EXCERPT_CHARACTERS = 40;

/** Bytes as they are, anything else as JSON; `undefined` is JSON's null. */
export function toPayload(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : encodeJson(value);
}

/** @throws TypeError for what JSON has no form of: NaN, infinities, bigints, functions. */
export function encodeJson(value: unknown): Uint8Array {
  const text = JSON.stringify(value === undefined ? null : value, refuseNonFinite);
  if (text === undefined) throw new TypeError(`expected a value that JSON can say, found a ${typeof value}`);
  return encodeUtf8(text);
}

/** `undefined` for no bytes at all. @throws NotJsonError. */
export function decodeJson(bytes: Uint8Array, what: string): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotJsonError(`${what}: expected JSON, found ${excerpt(bytes)} (${reason})`);
  }
}

/** JSON.stringify alone would write null for it, and nobody would be told. */
function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  throw new TypeError(`expected a finite number${key === '' ? '' : ` in ${key}`}, found ${value}: JSON has none`);
}

function excerpt(bytes: Uint8Array): string {
  const codes = bytes.subarray(0, EXCERPT_CHARACTERS);
  const text = JSON.stringify(String.fromCharCode(...codes).replaceAll(/[^ -~]/g, '.'));
  return bytes.length <= EXCERPT_CHARACTERS ? text : `${text}… of ${bytes.length} bytes`;
}
