/** Rust: a Cargo package, compiled by cargo for wasm32-unknown-unknown and made into a component by wasm-tools. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError } from '../file-error.ts';
import { digestInputs } from '../inputs.ts';
import type { Candidate, Language, LanguageOptions, PreparedBuild, Source } from '../language.ts';
import { compileCore, makeComponent } from './compile.ts';
import type { CargoPackage } from './package.ts';
import { readPackage } from './package.ts';
import { resolveToolchain } from './toolchain.ts';

export const RUST: Language = { name: 'rust', sources: 'a Cargo package', recognise, prepare };

const MANIFEST = 'Cargo.toml';
/** Beside the packages' own files: what they are compiled with, each missing in most workspaces or in none. */
const WORKSPACE_FILES = ['Cargo.toml', 'Cargo.lock', '.cargo/config.toml', 'rust-toolchain.toml', 'rust-toolchain'];
const TARGET_DIRECTORY = 'target';

/** A directory with a Cargo.toml, or that file itself. */
async function recognise({ path, isDirectory }: Candidate): Promise<Source | undefined> {
  if (!isDirectory && basename(path) !== MANIFEST) return undefined;
  const directory = isDirectory ? path : dirname(path);
  if (isDirectory && (await readIfThere(join(directory, MANIFEST))) === undefined) return undefined;
  return { path: directory, name: basename(directory), directory };
}

async function prepare(source: Source, options: LanguageOptions): Promise<PreparedBuild> {
  const toolchain = await resolveToolchain(source.path, options.tool, options.signal);
  const built = await readPackage(source.path, toolchain, options.signal);
  const identity = ['rust', built.name, ...toolchain.versions, ...(await workspaceFiles(built))];
  const inputs = await digestInputs(identity, built.directories, [TARGET_DIRECTORY]);
  return {
    inputs,
    compile: async (output) => makeComponent(await compileCore(built, toolchain, options), output, built.name),
  };
}

async function workspaceFiles({ workspaceDirectory }: CargoPackage): Promise<string[]> {
  const contents = await Promise.all(WORKSPACE_FILES.map((name) => readIfThere(join(workspaceDirectory, name))));
  return contents.map((content) => content ?? '');
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    const found = fileError(error, `cannot read ${path}`);
    if (found.code === 'NOT_FOUND') return undefined;
    throw found;
  });
}
