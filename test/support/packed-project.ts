/** A project that uses packages of this one as another would get them: packed by npm, installed as files. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { environment, PROJECT } from './command-line.ts';
import { makeScratchDirectory } from './scratch-directory.ts';

const run = promisify(execFile);

/** What `npm install` does with the packages, without a registry: others come from this project's own. */
export async function makePackedProject(packages: readonly string[]): Promise<string> {
  const directory = await makeScratchDirectory();
  const modules = join(directory, 'node_modules');
  await run(join(PROJECT, 'node_modules', '.bin', 'tsc'), ['-b', 'tsconfig.build.json'], {
    cwd: PROJECT,
    env: environment(),
  });
  for (const name of packages) {
    const target = join(modules, name === 'cli' ? 'plexspaces' : join('@plexspaces', name));
    await mkdir(target, { recursive: true });
    const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory];
    const cwd = join(PROJECT, name === 'actor' ? join('sdk', 'typescript') : join('packages', name));
    // The one script that packing runs.
    if (name === 'cli') await run(process.execPath, [join(cwd, 'scripts', 'copy-resources.ts')]);
    const { stdout } = await run('npm', pack, { cwd, env: environment() });
    await run('tar', ['-xzf', join(directory, stdout.trim()), '-C', target, '--strip-components=1']);
  }
  const others = await readdir(join(PROJECT, 'node_modules'), { withFileTypes: true });
  for (const { name } of others) {
    if (name.startsWith('.') || name === '@plexspaces' || name === 'plexspaces') continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(PROJECT, 'node_modules', name), join(modules, name));
  }
  return directory;
}
