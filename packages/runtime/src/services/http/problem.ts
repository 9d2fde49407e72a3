/** Errors over HTTP: problem+json (RFC 9457) with the code of the closed set, under the status that gRPC's gateways give it. */
import { STATUS_CODES } from 'node:http';
import { PlexSpacesError } from '@plexspaces/core';
import type { ErrorCode } from '@plexspaces/core';
import { wireDetails } from '../errors.ts';

export interface Problem {
  /** `about:blank`: the title says what the status says. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What was expected and what was found. */
  readonly detail: string;
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string>>;
}

export const PROBLEM_TYPE = 'application/problem+json';

const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  CANCELLED: 499,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  UNAUTHENTICATED: 401,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  // The guest's own "no": gRPC has it in a reply, HTTP in the status that says "understood, and refused".
  EXECUTION_ERROR: 422,
};

/** @param ownStatus where the framework refused the request: more to the point than its code's. */
export function problemOf(error: PlexSpacesError, ownStatus?: number): Problem {
  const status = ownStatus ?? statusOf(error);
  const { code, message } = error;
  const title = STATUS_CODES[status] ?? (status === HTTP_STATUS.CANCELLED ? 'Client Closed Request' : 'Error');
  return { type: 'about:blank', title, status, detail: message, code, details: wireDetails(error) };
}

/** What anything thrown is: what the framework refuses by itself has a status and no code. */
export function errorOf(thrown: unknown): PlexSpacesError {
  const status = frameworkStatus(thrown);
  if (status === undefined) return PlexSpacesError.from(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (status !== 413) return new PlexSpacesError('INVALID_ARGUMENT', message, { cause: thrown, reason: 'VALIDATION' });
  const reason = 'PAYLOAD_TOO_LARGE';
  return new PlexSpacesError('RESOURCE_EXHAUSTED', `body: expected at most what the route takes, found more`, {
    reason,
  });
}

function statusOf({ code, reason }: PlexSpacesError): number {
  return reason === 'PAYLOAD_TOO_LARGE' ? 413 : HTTP_STATUS[code];
}

/** Undefined: it is no refusal of the framework's own. */
export function frameworkStatus(thrown: unknown): number | undefined {
  if (thrown instanceof PlexSpacesError || !(thrown instanceof Error) || !('statusCode' in thrown)) return undefined;
  const { statusCode } = thrown;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
