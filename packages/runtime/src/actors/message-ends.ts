/** How a message of a durable actor ended: as a record, and as what a replay has to come to again. */
import { isGrpcErrorCode, PlexSpacesError } from '@plexspaces/core';
import type { ErrorCode } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import type { Failed } from '@plexspaces/proto';
import { trapError } from '../pool/guest-errors.ts';
import type { GuestOutcome } from '@plexspaces/worker';
import type { JournalEnd, JournaledEnd, JournaledMessage } from '../store/journal.ts';

/** A failed message, and an `init` that said no: its instance was dropped, another was made for the next one. */
export function hadNoEffectOnState({ received, end }: JournaledMessage): boolean {
  if (end === undefined) return false;
  if (end.kind === 'failed') return true;
  return received.kind === MessageKind.MESSAGE_KIND_INIT && end.processed.outcome?.$case === 'guestError';
}

export function endRecord(outcome: GuestOutcome): JournalEnd {
  switch (outcome.kind) {
    case 'ok':
      return { $case: 'processed', value: { outcome: { $case: 'reply', value: outcome.payload ?? new Uint8Array() } } };
    case 'guest-error':
      return { $case: 'processed', value: { outcome: { $case: 'guestError', value: outcome.message } } };
    case 'trap':
      return failedRecord(trapError(outcome));
  }
}

export function failedRecord(error: PlexSpacesError, effects: readonly string[] = []): JournalEnd {
  return { $case: 'failed', value: failureOf(error, effects) };
}

export function failureOf({ code, reason = '', message }: PlexSpacesError, effects: readonly string[]): Failed {
  return { code, reason, message, effects: [...effects] };
}

/** What the message was answered. @throws the guest's no, or the failure, as they were recorded. */
export function recordedOutcome(end: JournaledEnd): Uint8Array {
  if (end.kind === 'failed') throw recordedFailure(end.failed);
  const { outcome } = end.processed;
  if (outcome?.$case === 'guestError') throw new PlexSpacesError('EXECUTION_ERROR', outcome.value);
  return outcome?.value ?? new Uint8Array();
}

/**
 * Host calls alone do not tell everything: a reply that differs shows a state that differs.
 * @throws ABORTED (REPLAY_DIVERGED).
 */
export function expectSameEnd(actor: string, sequence: bigint, end: JournaledEnd, outcome: GuestOutcome): void {
  if (end.kind === 'failed') return;
  const expected = end.processed.outcome;
  const found = endRecord(outcome);
  const same =
    found.$case === 'processed' &&
    found.value.outcome?.$case === expected?.$case &&
    Buffer.compare(bytesOf(expected?.value), bytesOf(found.value.outcome?.value)) === 0;
  if (same) return;
  const foundText = found.$case === 'processed' ? describeEnd(found.value.outcome?.value) : 'a trap';
  throw new PlexSpacesError(
    'ABORTED',
    `replay of ${actor} diverged at message ${sequence}: expected ${describeEnd(expected?.value)}, found ${foundText}`,
    { reason: 'REPLAY_DIVERGED' },
  );
}

function bytesOf(value: Uint8Array | string | undefined): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : (value ?? new Uint8Array());
}

function describeEnd(value: Uint8Array | string | undefined): string {
  const text = typeof value === 'string' ? value : Buffer.from(bytesOf(value)).toString();
  return JSON.stringify(text.slice(0, 200));
}

/** The code was written from the closed set. */
function recordedFailure({ code, reason, message, effects }: Failed): PlexSpacesError {
  const details: Record<string, string> = {};
  if (reason !== '') details['reason'] = reason;
  if (effects.length > 0) details['effects'] = JSON.stringify(effects);
  return new PlexSpacesError(isErrorCode(code) ? code : 'INTERNAL', message, { details });
}

function isErrorCode(code: string): code is ErrorCode {
  return code === 'EXECUTION_ERROR' || isGrpcErrorCode(code);
}
