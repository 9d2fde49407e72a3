/** What became of a message of a durable actor, and what its caller is answered. */
import type { PlexSpacesError } from '@plexspaces/core';
import type { IdempotencyRecord } from '@plexspaces/proto';
import type { GuestOutcome } from '@plexspaces/worker';
import { expectAnswer } from '../pool/guest-errors.ts';
import { replayOutcome } from './idempotency-keys.ts';

/** Without the guest's doing. */
export type Settled =
  | { readonly kind: 'repeated'; readonly repeated: IdempotencyRecord }
  | { readonly kind: 'refused'; readonly error: PlexSpacesError };

/** @throws the guest's "no", its failure, or the refusal. */
export function replyOf(outcome: GuestOutcome | Settled): Uint8Array {
  switch (outcome.kind) {
    case 'repeated':
      return replayOutcome(outcome.repeated);
    case 'refused':
      throw outcome.error;
    default:
      return expectAnswer(outcome);
  }
}
