/** How the end of a guest's call becomes an error of the closed set. */
import { PlexSpacesError } from '@plexspaces/core';
import type { ErrorCode } from '@plexspaces/core';
import type { GuestOutcome, TrapReason } from '@plexspaces/worker';

const CODE_OF_TRAP: Readonly<Record<TrapReason, ErrorCode>> = {
  TRAP: 'INTERNAL',
  GUEST_EXIT: 'INTERNAL',
  STACK_OVERFLOW: 'RESOURCE_EXHAUSTED',
  MEMORY_LIMIT: 'RESOURCE_EXHAUSTED',
  REPLY_TOO_LARGE: 'RESOURCE_EXHAUSTED',
};

/** The payload of a good answer. @throws EXECUTION_ERROR for the guest's "no"; what fits a trap. */
export function expectAnswer(outcome: GuestOutcome): Uint8Array {
  switch (outcome.kind) {
    case 'ok':
      return outcome.payload ?? new Uint8Array();
    case 'guest-error':
      throw new PlexSpacesError('EXECUTION_ERROR', outcome.message);
    case 'trap':
      throw trapError(outcome);
  }
}

export function trapError(outcome: Extract<GuestOutcome, { kind: 'trap' }>): PlexSpacesError {
  return new PlexSpacesError(CODE_OF_TRAP[outcome.reason], `the guest trapped: ${outcome.message}`, {
    reason: outcome.reason,
  });
}

/** Why a thread ended by itself. */
export function threadDeath(cause: unknown): PlexSpacesError {
  const isOutOfMemory = cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
  if (isOutOfMemory) {
    return new PlexSpacesError('RESOURCE_EXHAUSTED', 'the worker thread reached its heap limit', {
      cause,
      reason: 'MEMORY_LIMIT',
    });
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  return new PlexSpacesError('UNAVAILABLE', `the worker thread ended: ${text}`, { cause });
}
