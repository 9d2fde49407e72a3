/** What is to be built, out of a path that a user wrote: a Python module, its directory and where the component goes. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { fileError } from './file-error.ts';

export interface PythonSource {
  /** As Python imports it. */
  readonly moduleName: string;
  readonly file: string;
  /** Its other modules are importable too. */
  readonly directory: string;
  readonly output: string;
}

interface Manifest {
  readonly name: string;
  readonly source: string;
  readonly component: string;
}

const MANIFEST = 'plexspaces.json';
const MODULE_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const OTHER_LANGUAGES = new Set(['.ts', '.mts', '.js', '.mjs', '.rs']);

/** @throws NOT_FOUND, INVALID_ARGUMENT, UNIMPLEMENTED for a language other than Python. */
export async function resolveSource(path: string, output: string | undefined): Promise<PythonSource> {
  const source = resolve(path);
  if (!(await isDirectory(source))) return pythonSource(source, output);
  if (await exists(join(source, MANIFEST))) {
    const manifest = await readManifest(join(source, MANIFEST));
    return pythonSource(join(source, manifest.source), output ?? join(source, manifest.component));
  }
  if (await exists(join(source, 'Cargo.toml'))) throw otherLanguage(path);
  throw new PlexSpacesError(
    'NOT_FOUND',
    `${path}: expected a .py file or a directory with a ${MANIFEST}, found neither`,
  );
}

async function pythonSource(file: string, output: string | undefined): Promise<PythonSource> {
  const extension = extname(file);
  if (OTHER_LANGUAGES.has(extension)) throw otherLanguage(file);
  if (extension !== '.py') {
    throw new PlexSpacesError('INVALID_ARGUMENT', `${file}: expected a .py file or an application's directory`);
  }
  if (await isDirectory(file))
    throw new PlexSpacesError('INVALID_ARGUMENT', `${file}: expected a file, found a directory`);
  const moduleName = basename(file, extension);
  if (!MODULE_NAME.test(moduleName)) {
    throw new PlexSpacesError(
      'INVALID_ARGUMENT',
      `${basename(file)}: expected a file name of letters, digits, _ and -, such as my_actor.py`,
    );
  }
  const directory = dirname(file);
  return { moduleName, file, directory, output: resolve(output ?? join(directory, 'dist', `${moduleName}.wasm`)) };
}

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, `cannot read ${path}`);
  });
  const value = parseJson(text, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected a JSON object`);
  }
  const name = stringOf(value, 'name', path);
  const component = 'component' in value ? stringOf(value, 'component', path) : join('dist', `${name}.wasm`);
  return { name, component, source: stringOf(value, 'source', path) };
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

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw fileError(error, path);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function otherLanguage(path: string): PlexSpacesError {
  return new PlexSpacesError(
    'UNIMPLEMENTED',
    `${path}: only Python actors (.py) can be built yet; deploy a component that another tool has built`,
  );
}
