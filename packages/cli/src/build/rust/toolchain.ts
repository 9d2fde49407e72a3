/** Finds what builds Rust actors: cargo, and Rust's standard library for components. */
import { readdir } from 'node:fs/promises';
import { PlexSpacesError } from '@plexspaces/core';
import { systemCode } from '../file-error.ts';
import { runProcess } from '../process.ts';

export interface RustToolchain {
  readonly cargo: string;
  /** All that a component depends on beside files. */
  readonly versions: readonly string[];
}

export const TARGET = 'wasm32-unknown-unknown';

const PROBE_TIMEOUT_MS = 60_000;
const STANDARD_LIBRARY = /^libstd-.+\.rlib$/;
const INSTALL = `\`rustup target add ${TARGET}\`, or the package libstd-rust-dev-wasm32 of Debian and Ubuntu`;

/**
 * @param directory The package's: a toolchain file there, or above it, says which Rust it wants.
 * @throws FAILED_PRECONDITION if the tools are not there, and how to get them.
 */
export async function resolveToolchain(
  directory: string,
  command: string | undefined,
  signal?: AbortSignal,
): Promise<RustToolchain> {
  const cargo = command ?? process.env['CARGO'] ?? 'cargo';
  const rustc = process.env['RUSTC'] ?? 'rustc';
  const cargoVersion = await probe(cargo, ['--version'], directory, signal);
  const rustcVersion = await probe(rustc, ['--version', '--verbose'], directory, signal);
  const libraries = await standardLibrary(rustc, directory, signal);
  return { cargo, versions: [cargoVersion, rustcVersion, ...libraries] };
}

/** The files' names hold the hash of what they were made of. */
async function standardLibrary(rustc: string, directory: string, signal: AbortSignal | undefined): Promise<string[]> {
  const where = await probe(rustc, ['--print', 'target-libdir', '--target', TARGET], directory, signal);
  const found = await readdir(where).catch(() => []);
  if (found.some((name) => STANDARD_LIBRARY.test(name))) return found.toSorted((a, b) => (a < b ? -1 : 1));
  throw new PlexSpacesError(
    'FAILED_PRECONDITION',
    `building Rust actors needs Rust's standard library for ${TARGET}, found none in ${where}: install ${INSTALL}`,
  );
}

async function probe(
  command: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const ended = await runProcess(command, args, { cwd, timeoutMs: PROBE_TIMEOUT_MS, ...(signal && { signal }) });
    if (ended.exitCode === 0) return ended.stdout.trim();
    throw new PlexSpacesError('FAILED_PRECONDITION', `${command} ${args.join(' ')}: ${ended.stderr.trim()}`);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new PlexSpacesError(
      'FAILED_PRECONDITION',
      `building Rust actors needs cargo and rustc, found no ${command}: install Rust (https://rustup.rs), then ${INSTALL}`,
    );
  }
}
