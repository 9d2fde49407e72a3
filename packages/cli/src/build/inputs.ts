/** One hash over all that a component is made of: it tells whether there is anything to build. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { fileError } from './file-error.ts';

const MAX_FILES = 2_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** What lies in an actor's directory and goes into no component; hidden directories and files beside. */
const OTHER_DIRECTORIES = new Set(['dist', 'node_modules', '__pycache__', 'venv']);
const OTHER_EXTENSIONS = new Set(['.wasm', '.md', '.pyc', '.inputs', '.tmp']);
const MANIFEST = 'plexspaces.json';

/**
 * @param identity What a component depends on beside files: its name, the tools' versions.
 * @param except Names of directories that hold no sources, such as a compiler's own.
 * @throws RESOURCE_EXHAUSTED for directories that hold more than one actor can be made of.
 */
export async function digestInputs(
  identity: readonly string[],
  directories: readonly string[],
  except: readonly string[] = [],
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(identity));
  const budget = { files: MAX_FILES, bytes: MAX_BYTES };
  const others = OTHER_DIRECTORIES.union(new Set(except));
  for (const directory of directories) {
    for (const file of await filesOf(directory, others, budget)) {
      const content = await readFile(file).catch((error: unknown) => {
        throw fileError(error, `cannot read ${file}`);
      });
      spend(budget, directory, content.length);
      hash.update(JSON.stringify([relative(directory, file), createHash('sha256').update(content).digest('hex')]));
    }
  }
  return hash.digest('hex');
}

interface Budget {
  files: number;
  bytes: number;
}

async function filesOf(directory: string, others: ReadonlySet<string>, budget: Budget): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, `cannot read ${directory}`);
  });
  const found: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (others.has(entry.name) || entry.name.startsWith('.')) continue;
      found.push(...(await filesOf(path, others, budget)));
    } else if (isSourceFile(path) && (await isFile(path))) {
      budget.files -= 1;
      spend(budget, directory, 0);
      found.push(path);
    }
  }
  return found;
}

function spend(budget: Budget, directory: string, bytes: number): void {
  budget.bytes -= bytes;
  if (budget.files >= 0 && budget.bytes >= 0) return;
  throw new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `${directory}: expected at most ${MAX_FILES} files of ${MAX_BYTES} bytes in all beside an actor, found more; ` +
      'give the actor a directory of its own',
  );
}

function isSourceFile(path: string): boolean {
  const name = basename(path);
  return !name.startsWith('.') && name !== MANIFEST && !OTHER_EXTENSIONS.has(extname(name));
}

/** Follows a link to a file; not one to a directory, which could lead anywhere. */
async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
