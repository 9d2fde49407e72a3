/**
 * Builds every application found directly below a directory, one after the other: `build-all.ts DIRECTORY`.
 * Prints one line for each; the exit code is 1 if any does not build.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { buildComponent } from './build.ts';
import { summarise } from './summary.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('build-all: expected a directory of applications\n');
  process.exitCode = 2;
} else {
  await buildAll(directory);
}

async function buildAll(parent: string): Promise<void> {
  const applications = await applicationsIn(parent);
  const width = Math.max(0, ...applications.map((name) => name.length));
  for (const name of applications) {
    try {
      // One at a time: the compiler uses all the cores there are.
      const built = await buildComponent(join(parent, name));
      process.stdout.write(`${name.padEnd(width)}  ${summarise(built)}\n`);
    } catch (error) {
      process.stderr.write(`${name}: ${PlexSpacesError.from(error).message}\n`);
      process.exitCode = 1;
    }
  }
}

async function applicationsIn(parent: string): Promise<string[]> {
  const names = await readdir(parent);
  const manifests = await Promise.all(
    names.map((name) => stat(join(parent, name, 'plexspaces.json')).catch(() => undefined)),
  );
  return names.filter((_, index) => manifests[index] !== undefined).toSorted();
}
