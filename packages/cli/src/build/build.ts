/**
 * Builds an actor's component from its source, or finds that the one that is there was made of the same.
 *
 * Owns the order of the steps and what lies beside the output. Does not own what a source is (source.ts) or what a
 * language makes of it (languages.ts).
 * B1. The output is replaced at once by a whole component or not at all.
 * B2. `cached` only if the stamp holds these inputs and the output's own bytes have the stamp's hash.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { fileError, systemCode } from './file-error.ts';
import type { LanguageOptions, PreparedBuild } from './language.ts';
import { resolveSource } from './source.ts';
import { describeOutput, findUnchanged, writeStamp } from './stamp.ts';
import type { OutputFile } from './stamp.ts';

export interface BuildOptions {
  /** Where the component goes; default: what plexspaces.json says, or `dist/<name>.wasm` beside the source. */
  readonly output?: string;
  /** The compiler's output, line by line. */
  readonly onOutput?: (line: string) => void;
  /** The compiler of a language, by the language's name; default: what its own part of the build looks for. */
  readonly tools?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface BuildResult extends OutputFile {
  readonly path: string;
  readonly language: string;
  readonly elapsedMs: number;
  /** The component that was there is made of the same inputs; nothing was compiled. */
  readonly cached: boolean;
}

/**
 * @param path A file or a directory that a language knows, or an application's directory with a plexspaces.json.
 * @throws NOT_FOUND without a source, INVALID_ARGUMENT for a source that does not build, FAILED_PRECONDITION
 * without the tools, DEADLINE_EXCEEDED, CANCELLED.
 */
export async function buildComponent(path: string, options: BuildOptions = {}): Promise<BuildResult> {
  const started = performance.now();
  const { language, source, output } = await resolveSource(path, options.output);
  const build = await language.prepare(source, languageOptions(options, language.name));
  const unchanged = await findUnchanged(output, build.inputs);
  const made = unchanged ?? (await make(build, output));
  return {
    path: output,
    language: language.name,
    ...made,
    elapsedMs: Math.round(performance.now() - started),
    cached: unchanged !== undefined,
  };
}

function languageOptions({ onOutput, tools, signal }: BuildOptions, language: string): LanguageOptions {
  const tool = tools?.[language];
  return { ...(onOutput && { onOutput }), ...(tool !== undefined && { tool }), ...(signal && { signal }) };
}

async function make(build: PreparedBuild, output: string): Promise<OutputFile> {
  // In the output's own directory: a rename is atomic within one file system only.
  const temporary = `${output}.${randomUUID()}.tmp`;
  try {
    await writable(output, () => claim(output, temporary));
    await build.compile(temporary);
    const made = await describeOutput(temporary);
    await writable(output, () => rename(temporary, output));
    await writable(output, () => writeStamp(output, build.inputs, made));
    return made;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writable<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw fileError(error, `cannot write ${path}`);
  }
}

/** Finds out before the compiler runs whether there is anywhere to write to. */
async function claim(output: string, temporary: string): Promise<void> {
  // One level only: a missing parent is a slip of the pen, and Node's recursive mkdir never ends below /proc.
  await mkdir(dirname(output)).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
  const found = await stat(output).catch(() => undefined);
  if (found?.isDirectory() === true) {
    throw new PlexSpacesError('INVALID_ARGUMENT', 'expected a file, found a directory');
  }
  await writeFile(temporary, '', { flag: 'wx' });
}
