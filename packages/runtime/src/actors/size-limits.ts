/** Payload and reply against the application's limits. */
import { PlexSpacesError } from '@plexspaces/core';
import type { WorkerLimits } from '../pool/worker-limits.ts';

/** @throws RESOURCE_EXHAUSTED (PAYLOAD_TOO_LARGE). */
export function expectPayloadSize(payload: Uint8Array, limits: WorkerLimits): void {
  if (payload.length <= limits.payloadBytes) return;
  throw new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `payload: expected at most ${limits.payloadBytes} bytes, found ${payload.length}`,
    { reason: 'PAYLOAD_TOO_LARGE' },
  );
}

/** @throws RESOURCE_EXHAUSTED (REPLY_TOO_LARGE). */
export function expectReplySize(reply: Uint8Array, limits: WorkerLimits): Uint8Array {
  if (reply.length <= limits.replyBytes) return reply;
  throw new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `reply: expected at most ${limits.replyBytes} bytes, found ${reply.length}`,
    {
      reason: 'REPLY_TOO_LARGE',
    },
  );
}
