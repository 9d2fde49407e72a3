/** google.protobuf.Duration and milliseconds. */
import { PlexSpacesError } from '@plexspaces/core';
import type { Duration } from '@plexspaces/proto';

export function toDuration(milliseconds: number): Duration {
  const nanos = Math.round((milliseconds % 1000) * 1_000_000);
  return { seconds: BigInt(Math.floor(milliseconds / 1000)), nanos: Math.min(nanos, 999_999_999) };
}

/** @throws INVALID_ARGUMENT for one that is not positive. */
export function fromDuration(duration: Duration | undefined, field: string): number | undefined {
  if (duration === undefined) return undefined;
  const milliseconds = Number(duration.seconds) * 1000 + duration.nanos / 1_000_000;
  if (milliseconds > 0 && milliseconds <= MAX_TIMER_MS) return milliseconds;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `${field}: expected more than 0 and at most ${MAX_TIMER_MS} ms, found ${milliseconds} ms`,
  );
}

/** What setTimeout can hold. */
const MAX_TIMER_MS = 2_147_483_647;
