/** What a call can end in, as PlexSpacesError: gRPC's status with its google.rpc.ErrorInfo. */
import { codeOfGrpcStatus, PlexSpacesError } from '@plexspaces/core';
import type { ErrorCode } from '@plexspaces/core';
import { ClientError } from 'nice-grpc-common';
import { RichClientError } from 'nice-grpc-error-details';

/** The domain of the ErrorInfo that nodes attach; others' mean other things. */
const ERROR_DOMAIN = 'plexspaces';

/** What a connection that breaks ends its calls with; a node's own answer of these codes has an ErrorInfo. */
const CONNECTION_LOST: readonly ErrorCode[] = ['UNAVAILABLE', 'CANCELLED'];

/** @param address of the node, for the message where the connection itself failed. */
export function toPlexSpacesError(thrown: unknown, address: string): PlexSpacesError {
  if (!(thrown instanceof ClientError)) return PlexSpacesError.from(thrown);
  const code = codeOfGrpcStatus(thrown.code);
  const details = detailsOf(thrown);
  const message = oneLine(thrown.details) || `the node answered with gRPC status ${thrown.code}`;
  if (details === undefined && CONNECTION_LOST.includes(code)) {
    return new PlexSpacesError('UNAVAILABLE', `no node answers at ${address}: ${message}`, { cause: thrown });
  }
  return new PlexSpacesError(code, message, { cause: thrown, details: details ?? {} });
}

/** An aborted call: by the time limit, or else by the caller's signal. */
export function abortedError(path: string, address: string, passedMs: number | undefined): PlexSpacesError {
  const call = `${path} at ${address}`;
  if (passedMs === undefined) return new PlexSpacesError('CANCELLED', `${call}: cancelled by the caller`);
  return new PlexSpacesError('DEADLINE_EXCEEDED', `${call}: expected an answer within ${passedMs} ms, found none`);
}

export function isAbort(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'name' in thrown && thrown.name === 'AbortError';
}

function detailsOf(error: ClientError): Record<string, string> | undefined {
  if (!(error instanceof RichClientError)) return undefined;
  for (const extra of error.extra) {
    if (extra.$type !== 'google.rpc.ErrorInfo' || !('domain' in extra) || extra.domain !== ERROR_DOMAIN) continue;
    return extra.reason === '' ? { ...extra.metadata } : { ...extra.metadata, reason: extra.reason };
  }
  return undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
