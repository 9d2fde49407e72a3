/**
 * Builds an actor's component from its source, or finds that the one that is there was made of the same.
 *
 * Owns the order of the steps and what lies beside the output. Does not own what a source is (source.ts), what
 * a component is made of (inputs.ts) or the compiler (componentize.ts).
 * B1. The output is replaced at once by a whole component or not at all.
 * B2. `cached` only if the stamp holds these inputs and the output's own bytes have the stamp's hash.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { componentize } from './componentize.ts';
import { fileError, systemCode } from './file-error.ts';
import { digestInputs } from './inputs.ts';
import { resolveSource } from './source.ts';
import type { PythonSource } from './source.ts';
import { describeOutput, findUnchanged, writeStamp } from './stamp.ts';
import type { OutputFile } from './stamp.ts';
import { resolveToolchain } from './toolchain.ts';
import type { Toolchain } from './toolchain.ts';

export interface BuildOptions {
  /** Where the component goes; default: what plexspaces.json says, or `dist/<name>.wasm` beside the source. */
  readonly output?: string;
  /** The compiler's output, line by line. */
  readonly onOutput?: (line: string) => void;
  /** The Python that has componentize-py; default PLEXSPACES_PYTHON, else the project's virtual environment. */
  readonly python?: string;
  readonly signal?: AbortSignal;
}

export interface BuildResult {
  readonly path: string;
  /** sha256 of the component, hexadecimal. */
  readonly hash: string;
  readonly bytes: number;
  readonly elapsedMs: number;
  /** The component that was there is made of the same inputs; nothing was run. */
  readonly cached: boolean;
}

/**
 * @param source A .py file, or an application's directory with a plexspaces.json.
 * @throws NOT_FOUND without a source, INVALID_ARGUMENT for a source that does not build, FAILED_PRECONDITION
 * without the tools, UNIMPLEMENTED for another language, DEADLINE_EXCEEDED, CANCELLED.
 */
export async function buildComponent(source: string, options: BuildOptions = {}): Promise<BuildResult> {
  const started = performance.now();
  const python = await resolveSource(source, options.output);
  const toolchain = await resolveToolchain(options.python, options.signal);
  const inputs = await digestInputs(python, toolchain);
  const unchanged = await findUnchanged(python.output, inputs);
  const made = unchanged ?? (await make(python, toolchain, inputs, options));
  return {
    path: python.output,
    ...made,
    elapsedMs: Math.round(performance.now() - started),
    cached: unchanged !== undefined,
  };
}

async function make(
  source: PythonSource,
  toolchain: Toolchain,
  inputs: string,
  options: BuildOptions,
): Promise<OutputFile> {
  // In the output's own directory: a rename is atomic within one file system only.
  const temporary = `${source.output}.${randomUUID()}.tmp`;
  try {
    await writable(source.output, () => claim(source.output, temporary));
    await componentize(source, toolchain, temporary, options);
    const made = await describeOutput(temporary);
    await writable(source.output, () => rename(temporary, source.output));
    await writable(source.output, () => writeStamp(source.output, inputs, made));
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
