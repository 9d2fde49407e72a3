/** Before the command is packed: copies beside it what src/resources.ts finds in the project. */
import { cp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const TARGET = join(PROJECT, 'packages', 'cli', 'resources');
const LEFT_OUT = new Set(['__pycache__', 'target', 'tests']);

await rm(TARGET, { recursive: true, force: true });
for (const directory of ['wit', join('sdk', 'python', 'plexspaces'), join('sdk', 'rust')]) {
  await cp(join(PROJECT, directory), join(TARGET, directory), {
    recursive: true,
    dereference: true,
    filter: (path) => !LEFT_OUT.has(basename(path)),
  });
}
