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
  try {
    return JSON.parse(decoder.decode(output));
  } catch {
    return output;
  }
}
