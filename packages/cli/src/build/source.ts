/** What is to be built, out of a path that a user wrote: a source, its language and where the component goes. */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { fileError } from './file-error.ts';
import type { Candidate, Language, Source } from './language.ts';
import { describeSources, LANGUAGES } from './languages.ts';

export interface ResolvedSource {
  readonly language: Language;
  readonly source: Source;
  readonly output: string;
}

interface Manifest {
  readonly source: string;
  readonly component: string;
}

const MANIFEST = 'plexspaces.json';

/** @throws NOT_FOUND, INVALID_ARGUMENT for what no language knows. */
export async function resolveSource(path: string, output: string | undefined): Promise<ResolvedSource> {
  const candidate = await lookAt(resolve(path));
  const manifest = candidate.isDirectory ? await readManifest(candidate.path) : undefined;
  if (manifest === undefined) return recognise(candidate, output);
  const component = output ?? join(candidate.path, manifest.component);
  return recognise(await lookAt(resolve(candidate.path, manifest.source)), component);
}

async function recognise(candidate: Candidate, output: string | undefined): Promise<ResolvedSource> {
  for (const language of LANGUAGES) {
    const source = await language.recognise(candidate);
    if (source === undefined) continue;
    return { language, source, output: resolve(output ?? join(source.directory, 'dist', `${source.name}.wasm`)) };
  }
  const expected = `expected ${describeSources()} or a directory with a ${MANIFEST}`;
  throw candidate.isDirectory
    ? new PlexSpacesError('NOT_FOUND', `${candidate.path}: ${expected}, found a directory with none of them`)
    : new PlexSpacesError('INVALID_ARGUMENT', `${candidate.path}: ${expected}, found another file`);
}

async function lookAt(path: string): Promise<Candidate> {
  try {
    return { path, isDirectory: (await stat(path)).isDirectory() };
  } catch (error) {
    throw fileError(error, path);
  }
}

async function readManifest(directory: string): Promise<Manifest | undefined> {
  const path = join(directory, MANIFEST);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const found = fileError(error, `cannot read ${path}`);
    if (found.code === 'NOT_FOUND') return undefined;
    throw found;
  });
  if (text === undefined) return undefined;
  const value = parseJson(text, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected a JSON object`);
  }
  const name = stringOf(value, 'name', path);
  const component = 'component' in value ? stringOf(value, 'component', path) : join('dist', `${name}.wasm`);
  return { component, source: stringOf(value, 'source', path) };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected JSON (${PlexSpacesError.from(error).message})`);
  }
}

function stringOf(value: object, key: string, path: string): string {
  const found: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  if (typeof found === 'string' && found !== '') return found;
  const what = found === undefined ? 'nothing' : JSON.stringify(found);
  throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected "${key}" to be a text, found ${what}`);
}
