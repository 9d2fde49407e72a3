/** What an earlier run left half-done goes; from a directory that processes share, what none of them can be at any more. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './content-files.ts';
import { MAX_TIMEOUT_MS } from './store-options.ts';

export async function clearTemporary(directory: string, { isShared }: { readonly isShared: boolean }): Promise<void> {
  if (!isShared) return rm(directory, { recursive: true, force: true });
  for (const path of await filesIn(directory)) {
    if (await isLeft(path)) await rm(path, { recursive: true, force: true });
  }
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).map((name) => join(directory, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function isLeft(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > MAX_TIMEOUT_MS;
  } catch (error) {
    if (isMissing(error)) return false; // another process has finished it meanwhile
    throw error;
  }
}
