/** What a program calls actors with and gets from them: JSON values, or bytes. */
import { PlexSpacesError } from './errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes as they are, anything else as JSON. @throws INVALID_ARGUMENT for what JSON has no form of. */
export function encodeInput(input: unknown): Uint8Array {
  if (input instanceof Uint8Array) return input;
  const text: unknown = JSON.stringify(input);
  if (typeof text === 'string') return encoder.encode(text);
  throw new PlexSpacesError('INVALID_ARGUMENT', `input: expected a JSON value or bytes, found ${typeof input}`);
}

/** The JSON value, or the bytes themselves where they are none. */
export function parseOutput(output: Uint8Array): unknown {
  if (!mayBeJson(output)) return output;
  try {
    return JSON.parse(decoder.decode(output));
  } catch {
    return output;
  }
}

/** What cannot be is told by its first byte: an exception costs more than all else that is done for a short reply. */
function mayBeJson(output: Uint8Array): boolean {
  const first = output[0];
  return first !== undefined && JSON_STARTS.has(first);
}

/** White space, what a value begins with, and the first byte of a byte order mark, which the decoder drops. */
const JSON_STARTS = new Set([...encoder.encode(' \t\r\n{["-0123456789tfn'), 0xef]);
