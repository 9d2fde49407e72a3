/** TypeScript and JavaScript: bundled with our SDK by esbuild, made into a component by componentize-qjs. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlexSpacesError } from '@plexspaces/core';
import { version as esbuildVersion } from 'esbuild';
import { digestInputs } from '../inputs.ts';
import type { Candidate, Language, LanguageOptions, PreparedBuild, Source } from '../language.ts';
import { bundleActor } from './bundle.ts';
import { ACTOR_WIT, componentize, WORLD_WIT } from './componentize.ts';

export const TYPESCRIPT: Language = {
  name: 'typescript',
  sources: 'a .ts or .js file',
  recognise,
  prepare,
};

const EXTENSIONS = new Set(['.ts', '.mts', '.js', '.mjs']);
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const COMPILER_PACKAGE = fileURLToPath(import.meta.resolve('componentize-qjs/package.json'));

async function recognise({ path, isDirectory }: Candidate): Promise<Source | undefined> {
  const extension = extname(path);
  if (!EXTENSIONS.has(extension)) return undefined;
  if (isDirectory) throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected a file, found a directory`);
  const name = basename(path, extension);
  if (NAME.test(name) && !name.endsWith('.d')) return { path, name, directory: dirname(path) };
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `${basename(path)}: expected a file name of letters, digits, _, - and ., such as my-actor.ts`,
  );
}

/** The bundle is all that goes into the component, and making it takes no time: it is its own list of inputs. */
async function prepare(source: Source, options: LanguageOptions): Promise<PreparedBuild> {
  const bundle = await bundleActor(source, options);
  const identity = ['typescript', esbuildVersion, await compilerVersion(), bundle.code];
  const inputs = await digestInputs(identity, [ACTOR_WIT, WORLD_WIT]);
  return { inputs, compile: (output) => componentize(source, bundle, output, options) };
}

async function compilerVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(COMPILER_PACKAGE, 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}
