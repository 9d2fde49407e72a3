/** Payloads over HTTP: bytes both ways, which are JSON where they say so. */
import { PlexSpacesError } from '@plexspaces/core';
import { BYTES_TYPE, JSON_TYPE } from './route.ts';
import type { HttpAnswer, HttpBody } from './route.ts';

const EMPTY_OBJECT = new TextEncoder().encode('{}');
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The body's own bytes, so that the guest sees the caller's spelling; no body at all is `{}`. @throws INVALID_ARGUMENT */
export function payloadOf({ bytes, type }: HttpBody): Uint8Array {
  if (type === BYTES_TYPE) return bytes;
  if (bytes.length === 0) return EMPTY_OBJECT;
  parseJson(textOf(bytes));
  return bytes;
}

/** The reply's own bytes, under the type that fits them. */
export function replyAnswer(output: Uint8Array): HttpAnswer {
  return { type: isJson(output) ? JSON_TYPE : BYTES_TYPE, body: output };
}

/** @throws INVALID_ARGUMENT (VALIDATION) unless it is UTF-8. */
export function textOf(bytes: Uint8Array, what = 'body'): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw invalid(`${what}: expected UTF-8, found other bytes`, cause);
  }
}

/** @throws INVALID_ARGUMENT (VALIDATION) */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(`body: expected JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** @returns its text; undefined: it is none. */
export function jsonTextOf(bytes: Uint8Array): string | undefined {
  try {
    const text = decoder.decode(bytes);
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

function isJson(bytes: Uint8Array): boolean {
  return jsonTextOf(bytes) !== undefined;
}

function invalid(message: string, cause: unknown): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', message, { cause, reason: 'VALIDATION' });
}
