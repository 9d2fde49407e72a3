/**
 * Runs componentize-qjs over a bundle: QuickJS loads it, and its memory then is the component's.
 *
 * In a process of its own: an author's module that never ends can be ended. Whatever goes wrong while it is loaded is
 * the author's to mend and is INVALID_ARGUMENT.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WIT } from '../../resources.ts';
import type { LanguageOptions, Source } from '../language.ts';
import { runProcess } from '../process.ts';
import type { Bundle } from './bundle.ts';
import { explainFailure } from './explain-failure.ts';

export const ACTOR_WIT: string = join(WIT, 'plexspaces-actor');
export const WORLD_WIT: string = join(WIT, 'typescript-actor');

const COMPILER = fileURLToPath(import.meta.resolve('componentize-qjs/cli.mjs'));
const WORLD = 'typescript-actor';
const BUILD_TIMEOUT_MS = 120_000;

export async function componentize(
  source: Source,
  bundle: Bundle,
  output: string,
  { onOutput, signal }: LanguageOptions,
): Promise<void> {
  const stage = await mkdtemp(join(tmpdir(), 'plexspaces-build-'));
  try {
    await writeStage(stage, bundle);
    const ended = await runProcess(process.execPath, commandLine(stage, output), {
      env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir() },
      timeoutMs: BUILD_TIMEOUT_MS,
      ...(signal && { signal }),
    });
    if (ended.exitCode === 0) return;
    const failure = explainFailure(ended.stderr, source, bundle);
    failure.lines.forEach((line) => onOutput?.(line));
    throw failure.error;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** The bundle in a directory by itself, which is all that the compiler lets it see. */
async function writeStage(stage: string, { code }: Bundle): Promise<void> {
  await mkdir(join(stage, 'bundle'));
  await writeFile(join(stage, 'bundle', 'actor.js'), code);
  await cp(WORLD_WIT, join(stage, 'wit'), { recursive: true });
  await cp(ACTOR_WIT, join(stage, 'wit', 'deps', 'plexspaces-actor'), { recursive: true });
}

function commandLine(stage: string, output: string): string[] {
  const directory = join(stage, 'bundle');
  const input = ['--js', join(directory, 'actor.js'), '--module-root', directory];
  const world = ['--wit', join(stage, 'wit'), '--world', WORLD];
  return [COMPILER, ...world, ...input, '--sync', '--opt-size', '--output', output];
}
