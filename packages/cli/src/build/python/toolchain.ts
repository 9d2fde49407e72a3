/** Finds what builds Python actors: a Python with componentize-py, our SDK for Python and the actor's interface. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { PYTHON, SDKS, WIT } from '../../resources.ts';
import { systemCode } from '../file-error.ts';
import { runProcess } from '../process.ts';

export interface Toolchain {
  readonly python: string;
  /** Of the virtual environment, whose packages an actor may import. */
  readonly prefix: string;
  /** All that a component depends on beside files: of Python, componentize-py and each installed package. */
  readonly versions: readonly string[];
  /** Names that a module of the author's would hide. */
  readonly reservedModules: ReadonlySet<string>;
  /** The directory of the package `plexspaces`. */
  readonly sdk: string;
  readonly wit: string;
}

const PROBE_TIMEOUT_MS = 30_000;
const OUR_MODULES = ['plexspaces', 'plexspaces_entry', 'wit_world', 'poll_loop'];

const PROBE = `
import json, sys
from importlib.metadata import distributions
packages = sorted({f"{found.metadata['Name'].lower().replace('_', '-')}=={found.version}" for found in distributions()})
print(json.dumps({"prefix": sys.prefix, "packages": packages, "modules": sorted(sys.stdlib_module_names)}))
`;

/** @throws FAILED_PRECONDITION if the tools are not there, and how to get them. */
export async function resolveToolchain(python: string | undefined, signal?: AbortSignal): Promise<Toolchain> {
  const command = python ?? process.env['PLEXSPACES_PYTHON'] ?? PYTHON;
  const sdk = await expectDirectory(join(SDKS, 'python', 'plexspaces'));
  const wit = await expectDirectory(join(WIT, 'plexspaces-actor'));
  const found = parseProbe(await probe(command, signal));
  if (found === undefined || !found.packages.some((name) => name.startsWith('componentize-py=='))) {
    throw missing(`${command} has no componentize-py`);
  }
  const reservedModules = new Set([...OUR_MODULES, ...found.modules]);
  return { python: command, prefix: found.prefix, versions: found.packages, reservedModules, sdk, wit };
}

async function probe(command: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    const ended = await runProcess(command, ['-c', PROBE], { timeoutMs: PROBE_TIMEOUT_MS, ...(signal && { signal }) });
    return ended.exitCode === 0 ? ended.stdout : '';
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw missing(`no Python at ${command}`);
  }
}

interface Probe {
  readonly prefix: string;
  readonly packages: readonly string[];
  readonly modules: readonly string[];
}

function parseProbe(text: string): Probe | undefined {
  if (text === '') return undefined;
  const value: unknown = JSON.parse(text);
  return isProbe(value) ? value : undefined;
}

function isProbe(value: unknown): value is Probe {
  if (typeof value !== 'object' || value === null) return false;
  if (!('prefix' in value && 'packages' in value && 'modules' in value)) return false;
  return typeof value.prefix === 'string' && isTexts(value.packages) && isTexts(value.modules);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

async function expectDirectory(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return path;
  throw new PlexSpacesError('FAILED_PRECONDITION', `expected the Python SDK at ${path}, found nothing`);
}

function missing(found: string): PlexSpacesError {
  return new PlexSpacesError(
    'FAILED_PRECONDITION',
    `building Python actors needs componentize-py, found ${found}: run scripts/setup.sh, or set PLEXSPACES_PYTHON`,
  );
}
