/** What an operating system's error about a file is called here. */
import { PlexSpacesError } from '@plexspaces/core';
import type { ErrorCode } from '@plexspaces/core';

const CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ['NOT_FOUND', 'no such file or directory'],
  EACCES: ['PERMISSION_DENIED', 'permission denied'],
  EPERM: ['PERMISSION_DENIED', 'not permitted'],
  EROFS: ['PERMISSION_DENIED', 'the file system is read-only'],
  ENOSPC: ['RESOURCE_EXHAUSTED', 'no space left on the device'],
  EISDIR: ['INVALID_ARGUMENT', 'expected a file, found a directory'],
  ENOTDIR: ['INVALID_ARGUMENT', 'expected a directory, found a file'],
  EEXIST: ['INVALID_ARGUMENT', 'expected a directory, found a file'],
};

/** @param what What could not be done, to which file: `cannot write dist/a.wasm`. */
export function fileError(error: unknown, what: string): PlexSpacesError {
  const found = CODES[systemCode(error) ?? ''];
  if (found !== undefined) return new PlexSpacesError(found[0], `${what}: ${found[1]}`, { cause: error });
  const other = PlexSpacesError.from(error);
  return new PlexSpacesError(other.code, `${what}: ${other.message}`, { cause: error });
}

/** `ENOENT` and the like; undefined for an error that is not the operating system's. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
