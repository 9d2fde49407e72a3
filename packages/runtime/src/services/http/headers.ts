/** What the headers of a request say about its call. */
import type { IncomingHttpHeaders } from 'node:http';
import { PlexSpacesError, quote } from '@plexspaces/core';
import type { Duration } from '@plexspaces/proto';
import { toDuration } from '../durations.ts';

/** As of the client SDK. */
const DEFAULT_TIMEOUT_MS = 30_000;
const SECONDS = /^\d{1,7}(?:\.\d{1,3})?$/;
/** Those of W3C's trace context, which travel with the call. */
const TRACE_HEADERS = ['traceparent', 'tracestate'];

/** The text as it stands; empty: none. */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string {
  return oneOf(headers, 'idempotency-key') ?? '';
}

/** `Request-Timeout`: seconds, with up to three digits behind the point. @throws INVALID_ARGUMENT */
export function timeoutOf(headers: IncomingHttpHeaders): Duration {
  const text = oneOf(headers, 'request-timeout');
  if (text === undefined) return toDuration(DEFAULT_TIMEOUT_MS);
  if (SECONDS.test(text)) return toDuration(Math.round(Number(text) * 1000));
  const expected = 'seconds such as 2 or 0.25';
  throw new PlexSpacesError('INVALID_ARGUMENT', `Request-Timeout: expected ${expected}, found ${quote(text)}`, {
    reason: 'VALIDATION',
  });
}

export function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const name of TRACE_HEADERS) {
    const value = oneOf(headers, name);
    if (value !== undefined) metadata[name] = value;
  }
  return metadata;
}

/** Node joins what comes twice with commas; the few that it gives as lists are none of these. */
function oneOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
