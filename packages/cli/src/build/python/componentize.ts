/**
 * Runs componentize-py over an author's module and the SDK's wrapper.
 *
 * The module is imported while the component is built. Whatever goes wrong there is the author's to mend and is
 * INVALID_ARGUMENT, in Python's own words and without the frames that are not the author's.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import type { LanguageOptions, Source } from '../language.ts';
import { runProcess } from '../process.ts';
import { explainFailure } from './explain-failure.ts';
import type { Toolchain } from './toolchain.ts';

const WORLD = 'plexspaces-actor';
const ENTRY_MODULE = 'plexspaces_entry';
const BUILD_TIMEOUT_MS = 300_000;
const SCRIPT = 'from componentize_py import script; script()';

export async function componentize(
  source: Source,
  toolchain: Toolchain,
  output: string,
  options: LanguageOptions,
): Promise<void> {
  expectFreeName(source, toolchain);
  const stage = await mkdtemp(join(tmpdir(), 'plexspaces-build-'));
  try {
    await writeStage(stage, source, toolchain);
    const ended = await runProcess(toolchain.python, commandLine(stage, source, toolchain, output), {
      env: cleanEnvironment(toolchain),
      timeoutMs: BUILD_TIMEOUT_MS,
      ...(options.onOutput && { onOutput: options.onOutput }),
      ...(options.signal && { signal: options.signal }),
    });
    if (ended.exitCode !== 0) throw explainFailure(ended.stderr, source);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

function expectFreeName(source: Source, toolchain: Toolchain): void {
  if (!toolchain.reservedModules.has(source.name)) return;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `${basename(source.path)}: a module ${source.name} exists already and would be hidden; give the file another name`,
  );
}

/** The SDK's package in a directory by itself, so that nothing else that lies beside it can be imported. */
async function writeStage(stage: string, source: Source, toolchain: Toolchain): Promise<void> {
  await cp(toolchain.sdk, join(stage, 'plexspaces'), {
    recursive: true,
    filter: (path) => basename(path) !== '__pycache__',
  });
  const entry = ['from plexspaces.component import actor_class', `Actor = actor_class(${JSON.stringify(source.name)})`];
  await writeFile(join(stage, `${ENTRY_MODULE}.py`), `${entry.join('\n')}\n`);
}

function commandLine(stage: string, source: Source, toolchain: Toolchain, output: string): string[] {
  const world = ['-d', toolchain.wit, '-w', WORLD];
  const app = ['componentize', ENTRY_MODULE, '-p', stage, '-p', source.directory, '-o', output];
  return ['-c', SCRIPT, ...world, ...app];
}

/** Nothing of the environment of whoever builds can get into the component. */
function cleanEnvironment(toolchain: Toolchain): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), VIRTUAL_ENV: toolchain.prefix, PYTHONIOENCODING: 'utf-8' };
}
