/** What cargo knows about a package: what it is made of, where its component's core will lie. */
import { basename, dirname, join } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { runProcess } from '../process.ts';
import { explainFailure } from './explain-failure.ts';
import { parseMetadata } from './metadata.ts';
import type { Metadata, PackageEntry } from './metadata.ts';
import { TARGET } from './toolchain.ts';
import type { RustToolchain } from './toolchain.ts';

export interface CargoPackage {
  readonly name: string;
  readonly manifest: string;
  readonly workspaceDirectory: string;
  /** Of the package, and of those on this machine that it depends on: their files are its sources. */
  readonly directories: readonly string[];
  /** The core module that cargo writes. */
  readonly core: string;
  /** Paths of this machine that would be in the component, and what is written in their place. */
  readonly renamed: ReadonlyMap<string, string>;
}

const METADATA_TIMEOUT_MS = 300_000;
const MAX_METADATA_CHARACTERS = 64 * 1024 * 1024;

/** Fetches what is not there yet. @throws INVALID_ARGUMENT in cargo's words. */
export async function readPackage(
  directory: string,
  { cargo }: RustToolchain,
  signal: AbortSignal | undefined,
): Promise<CargoPackage> {
  const manifest = join(directory, 'Cargo.toml');
  const args = ['metadata', '--format-version', '1', '--filter-platform', TARGET, '--manifest-path', manifest];
  const ended = await runProcess(cargo, args, {
    cwd: directory,
    timeoutMs: METADATA_TIMEOUT_MS,
    maxKeptCharacters: MAX_METADATA_CHARACTERS,
    ...(signal && { signal }),
  });
  if (ended.exitCode !== 0) throw explainFailure(ended.stderr, basename(directory));
  return describe(parseMetadata(ended.stdout), manifest);
}

function describe(metadata: Metadata, manifest: string): CargoPackage {
  const { root } = metadata.resolve;
  const own = metadata.packages.find(({ id }) => id === root);
  const target = own?.targets.find(({ crate_types }) => crate_types.includes('cdylib'));
  if (own === undefined || target === undefined) throw notAnActor(manifest, own?.name);
  const file = `${target.name.replaceAll('-', '_')}.wasm`;
  const used = usedBy(metadata, own.id);
  return {
    name: own.name,
    manifest,
    workspaceDirectory: metadata.workspace_root,
    directories: used.filter(({ source }) => source === null).map(directoryOf),
    core: join(metadata.target_directory, TARGET, 'release', file),
    renamed: renamedPaths(used, metadata.workspace_root),
  };
}

/** The package first, then all that it depends on, directly or not. */
function usedBy({ packages, resolve }: Metadata, root: string): PackageEntry[] {
  const dependencies = new Map(resolve.nodes.map((node) => [node.id, node.dependencies]));
  const used = new Set([root]);
  for (const id of used) for (const next of dependencies.get(id) ?? []) used.add(next);
  const entries = new Map(packages.map((entry) => [entry.id, entry]));
  return [...used].flatMap((id) => entries.get(id) ?? []);
}

/** Within the workspace the compiler names files from its root on. */
function renamedPaths(used: readonly PackageEntry[], workspace: string): Map<string, string> {
  const renamed = new Map<string, string>();
  for (const entry of used) {
    const directory = directoryOf(entry);
    if (entry.source !== null) renamed.set(dirname(directory), 'registry');
    else if (!directory.startsWith(`${workspace}/`) && directory !== workspace) renamed.set(directory, entry.name);
  }
  return renamed;
}

function directoryOf({ manifest_path }: PackageEntry): string {
  return dirname(manifest_path);
}

function notAnActor(manifest: string, name: string | undefined): PlexSpacesError {
  const expected = name === undefined ? 'a package' : 'a library with `[lib] crate-type = ["cdylib"]`';
  const found = name === undefined ? 'a workspace without one of its own' : `none in the package ${name}`;
  return new PlexSpacesError('INVALID_ARGUMENT', `${manifest}: expected ${expected}, found ${found}`);
}
