/**
 * Files that are either there whole or not at all: written beside their place, synced, then renamed.
 *
 * Owns no state. Who calls names the directories; all of them lie on one file system.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PlexSpacesError } from '@plexspaces/core';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The hash of a file, or undefined where there is none. */
export async function hashFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return hash.digest('hex');
}

export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Puts `bytes` at `path` in one step that survives a power cut. */
export async function writeDurably(path: string, bytes: Uint8Array, temporaryDirectory: string): Promise<void> {
  const temporary = temporaryPath(temporaryDirectory);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await moveDurably(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fromFileError(error);
  }
}

/** Syncs a finished file, then gives it its name. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await syncPath(from);
  await rename(from, to);
  await syncPath(dirname(to));
}

export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A name in `directory` that nobody else uses. */
export function temporaryPath(directory: string): string {
  return join(directory, randomUUID());
}

/** A full disk is the caller's to know about; everything else stays what it was. */
export function fromFileError(error: unknown): unknown {
  if (!FULL.has(codeOf(error))) return error;
  return new PlexSpacesError('RESOURCE_EXHAUSTED', 'the component store has no room left on its disk', {
    cause: error,
  });
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
