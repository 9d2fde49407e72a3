/** A payload on the command line. */
import { PlexSpacesError, quote } from '@plexspaces/core';

/** The text as it stands, so that the guest sees the caller's own spelling of numbers. @throws INVALID_ARGUMENT. */
export function toInput(json: string): Uint8Array {
  try {
    JSON.parse(json);
  } catch (cause) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `payload: expected JSON, found ${quote(json)}`, {
      cause,
      reason: 'VALIDATION',
    });
  }
  return new TextEncoder().encode(json);
}
