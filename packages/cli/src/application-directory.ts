/** What `deploy` is given: a directory with plexspaces.json, or a component by itself. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { DeployRequest } from '@plexspaces/client';
import { parseApplicationId, PlexSpacesError } from '@plexspaces/core';
import type { ErrorCode } from '@plexspaces/core';
import { parseApplicationConfig } from '@plexspaces/runtime/config';
import type { ApplicationConfig } from '@plexspaces/runtime/config';
import { toManifest } from './manifest.ts';
import type { DeployOverrides } from './manifest.ts';

const CONFIG_FILE = 'plexspaces.json';
/** The first of them that is there. */
const SCHEMA_FILES = ['service.graphql', 'service.description.json'];
/** A bound on this process's own memory; the node has its own, lower limit. */
const MAX_COMPONENT_BYTES = 512 * 1024 * 1024;
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** Of a component deployed by itself, which says nothing about its version. */
const UNVERSIONED = '0.0.0';

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'NOT_FOUND',
  ENOTDIR: 'NOT_FOUND',
  EACCES: 'PERMISSION_DENIED',
};

/** @throws NOT_FOUND, PERMISSION_DENIED or INVALID_ARGUMENT naming the file that is missing or wrong. */
export async function readApplication(path: string, overrides: DeployOverrides): Promise<DeployRequest> {
  const expected = `expected a directory with ${CONFIG_FILE} or a .wasm file`;
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, expected, cause);
  });
  if (found.isDirectory()) return readDirectory(path, overrides);
  if (path.endsWith('.wasm')) return readComponentAlone(path, overrides);
  throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: ${expected}, found another file`);
}

async function readDirectory(directory: string, overrides: DeployOverrides): Promise<DeployRequest> {
  const configPath = join(directory, CONFIG_FILE);
  const text = await readText(configPath, `expected the application's ${CONFIG_FILE}`);
  const config = parseApplicationConfig(text, configPath);
  const schema = await readSchema(directory, config.schema);
  return {
    name: parseApplicationId(overrides.name ?? config.name),
    version: config.version,
    component: await readBuilt(directory, config),
    description: config.description,
    manifest: toManifest(config, overrides, schema),
    env: config.env,
  };
}

async function readComponentAlone(path: string, overrides: DeployOverrides): Promise<DeployRequest> {
  const name = parseApplicationId(overrides.name ?? basename(path, '.wasm'));
  const manifest = toManifest({ name, version: UNVERSIONED }, overrides, undefined);
  return { name, version: UNVERSIONED, component: await readComponent(path, 'expected a component'), manifest };
}

/** A built component lies at dist/<name>.wasm unless the file says otherwise. */
function readBuilt(directory: string, config: ApplicationConfig): Promise<Uint8Array> {
  const path = resolve(directory, config.component ?? join('dist', `${config.name}.wasm`));
  return readComponent(path, `expected the built component (run \`plexspaces build ${directory}\`)`);
}

/** What plexspaces.json names; else one of these, where it is there. */
async function readSchema(directory: string, named: string | undefined): Promise<string | undefined> {
  const expected = 'expected the service description';
  if (named !== undefined) return readText(resolve(directory, named), expected);
  const names = await readdir(directory);
  const found = SCHEMA_FILES.find((name) => names.includes(name));
  return found === undefined ? undefined : readText(join(directory, found), expected);
}

function readComponent(path: string, expected: string): Promise<Uint8Array> {
  return readBytes(path, MAX_COMPONENT_BYTES, expected);
}

async function readText(path: string, expected: string): Promise<string> {
  const bytes = await readBytes(path, MAX_TEXT_BYTES, expected);
  return new TextDecoder().decode(bytes);
}

async function readBytes(path: string, limit: number, expected: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > limit) {
      throw new PlexSpacesError('RESOURCE_EXHAUSTED', `${path}: expected at most ${limit} bytes, found ${size}`);
    }
    return await readFile(path);
  } catch (cause) {
    throw unreadable(path, expected, cause);
  }
}

function unreadable(path: string, expected: string, cause: unknown): PlexSpacesError {
  if (cause instanceof PlexSpacesError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const found = code === 'ENOENT' ? 'nothing' : `what cannot be read (${code || String(cause)})`;
  return new PlexSpacesError(CODES[code] ?? 'INVALID_ARGUMENT', `${path}: ${expected}, found ${found}`, { cause });
}
