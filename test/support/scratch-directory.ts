/** Directories that go when the test file is done. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

export async function makeScratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plexspaces-e2e-'));
  made.push(directory);
  return directory;
}

// Registered before a file's own hooks, and so run after them: what uses a directory has ended by then.
afterAll(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true });
});
