/** What a failed write means: no room, which passes, or storage that nothing more is entrusted to. */
import { PlexSpacesError } from '@plexspaces/core';

const NO_ROOM_CODES = new Set<unknown>(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** LevelDB hands on the operating system's text, not its number. */
const NO_ROOM_TEXT = /No space left on device|Disk quota exceeded|File too large/;

/** The disk, the quota or the largest size of a file is used up. */
export function isOutOfRoom(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if ('code' in cause && NO_ROOM_CODES.has(cause.code)) return true;
  return NO_ROOM_TEXT.test(cause.message) || isOutOfRoom(cause.cause);
}

/** RESOURCE_EXHAUSTED (STORAGE_FULL), or UNAVAILABLE (STORAGE_FAILED). */
export function storageFailure(cause: unknown): PlexSpacesError {
  const text = textOf(cause);
  if (isOutOfRoom(cause)) {
    const message = `storage is full, the node takes no work until there is room: ${text}`;
    return new PlexSpacesError('RESOURCE_EXHAUSTED', message, { cause, reason: 'STORAGE_FULL' });
  }
  const message = `storage failed, the node takes no more work; see to the disk, then restart the node: ${text}`;
  return new PlexSpacesError('UNAVAILABLE', message, { cause, reason: 'STORAGE_FAILED' });
}

/** LevelDB's own words are in the innermost cause. */
export function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? textOf(cause.cause) : cause.message;
}
