/**
 * One JavaScript file of an author's module, all that it imports, and the SDK around it.
 *
 * esbuild takes the types away and does not look at them. The part of its source map that places of errors need goes
 * into the bundle, behind its last line, so that no line moves.
 */
import { basename, dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlexSpacesError } from '@plexspaces/core';
import { context, formatMessages } from 'esbuild';
import type { BuildFailure, BuildOptions, BuildResult, Message, Plugin } from 'esbuild';
import type { LanguageOptions, Source } from '../language.ts';

export interface Bundle {
  readonly code: string;
  readonly map: BundleMap;
  /** Of the map's sources those that are the author's own. */
  readonly own: readonly string[];
}

/** A source map (https://tc39.es/ecma426/) as far as it is used; sources are relative to the author's directory. */
export interface BundleMap {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly mappings: string;
  readonly names: readonly string[];
}

/** As the SDK's source-map.ts reads it. */
interface GuestMap {
  readonly sources: readonly string[];
  readonly own: readonly number[];
  readonly mappings: string;
}

const BUNDLE_TIMEOUT_MS = 60_000;
const SDK = fileURLToPath(import.meta.resolve('@plexspaces/actor'));
const SDK_COMPONENT = fileURLToPath(import.meta.resolve('@plexspaces/actor/component'));
const INSTALL_MODULE = 'plexspaces-build:install';
const ENTRY_FILE = 'plexspaces-entry.js';
const MAP_VARIABLE = '__plexspacesSourceMap';

/** Modules run in the order of their imports: the SDK is there before the author's first line. */
const INSTALL = [
  importing('* as host', 'plexspaces:actor/host@0.1.0'),
  importing('{ getRandomBytes }', 'wasi:random/random@0.2.12'),
  importing('{ getStderr }', 'wasi:cli/stderr@0.2.12'),
  importing('{ install }', '@plexspaces/actor/component'),
  'install({ host, randomBytes: getRandomBytes, stderr: getStderr });',
].join('\n');

/** @throws INVALID_ARGUMENT with what esbuild says; CANCELLED, DEADLINE_EXCEEDED. */
export async function bundleActor(source: Source, options: LanguageOptions): Promise<Bundle> {
  const result = await run(source, options);
  const [code = '', mapText = ''] = ['.js', '.map'].map(
    (extension) => result.outputFiles?.find(({ path }) => path.endsWith(extension))?.text,
  );
  const map: unknown = JSON.parse(mapText);
  if (!isBundleMap(map)) throw new PlexSpacesError('INTERNAL', 'esbuild: expected a source map, found another file');
  const forGuest = guestMap(map, source);
  return {
    code: `${code}\nglobalThis.${MAP_VARIABLE} = ${JSON.stringify(forGuest)};\n`,
    map,
    own: forGuest.own.flatMap((index) => map.sources[index] ?? []),
  };
}

async function run(source: Source, { onOutput, signal }: LanguageOptions): Promise<BuildResult> {
  const deadline = AbortSignal.timeout(BUNDLE_TIMEOUT_MS);
  const either = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  const build = await context(esbuildOptions(source));
  const cancel = (): void => void build.cancel();
  either.addEventListener('abort', cancel);
  try {
    const result = await build.rebuild();
    (await describe(result.warnings, 'warning')).forEach((line) => onOutput?.(line));
    return result;
  } catch (error) {
    if (signal?.aborted === true) throw new PlexSpacesError('CANCELLED', 'esbuild: cancelled', { cause: error });
    if (deadline.aborted) throw new PlexSpacesError('DEADLINE_EXCEEDED', `esbuild: took over ${BUNDLE_TIMEOUT_MS} ms`);
    if (!isBuildFailure(error)) throw error;
    (await describe(error.errors, 'error')).forEach((line) => onOutput?.(line));
    throw refuse(source, error.errors);
  } finally {
    either.removeEventListener('abort', cancel);
    await build.dispose();
  }
}

function esbuildOptions(source: Source): BuildOptions {
  const entry = [
    importing('{}', INSTALL_MODULE),
    importing('* as author', `./${basename(source.path)}`),
    importing('{ exported }', '@plexspaces/actor/component'),
    'export const actor = exported(author);',
  ];
  return {
    stdin: {
      contents: entry.join('\n'),
      resolveDir: source.directory,
      sourcefile: ENTRY_FILE,
      loader: 'js',
    },
    absWorkingDir: source.directory,
    outfile: resolve(source.directory, 'plexspaces-bundle.js'),
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import', 'module'],
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    sourcemap: 'external',
    sourcesContent: false,
    external: ['plexspaces:*', 'wasi:*'],
    plugins: [ourModules(source.directory)],
  };
}

function importing(names: string, from: string): string {
  return `import ${names} from ${JSON.stringify(from)};`;
}

/** The SDK that this command belongs to, wherever the author's directory lies and whatever is installed there. */
function ourModules(directory: string): Plugin {
  return {
    name: 'plexspaces',
    setup(build) {
      build.onResolve({ filter: /^@plexspaces\/actor$/ }, () => ({ path: SDK }));
      build.onResolve({ filter: /^@plexspaces\/actor\/component$/ }, () => ({ path: SDK_COMPONENT }));
      build.onResolve({ filter: new RegExp(`^${INSTALL_MODULE}$`) }, ({ path }) => ({ path, namespace: 'plexspaces' }));
      build.onLoad({ filter: /.*/, namespace: 'plexspaces' }, () => ({ contents: INSTALL, resolveDir: directory }));
    },
  };
}

/** What the SDK reads within the component. */
function guestMap({ sources, mappings }: BundleMap, source: Source): GuestMap {
  const paths = sources.map((path) => resolve(source.directory, path));
  const own = paths.flatMap((path, index) => (isAuthors(path) ? [index] : []));
  const shown = paths.map((path, index) =>
    isSdk(path) ? `@plexspaces/actor/${basename(path)}` : (sources[index] ?? ''),
  );
  return { sources: shown, own, mappings };
}

function isAuthors(path: string): boolean {
  return !isSdk(path) && !path.includes(`${sep}node_modules${sep}`) && basename(path) !== ENTRY_FILE;
}

function isSdk(path: string): boolean {
  return path.startsWith(dirname(SDK) + sep) || path.includes(INSTALL_MODULE);
}

function describe(messages: Message[], kind: 'error' | 'warning'): Promise<string[]> {
  return formatMessages(messages, { kind, color: false });
}

function refuse(source: Source, errors: readonly Message[]): PlexSpacesError {
  const [first] = errors;
  const place = first?.location ? ` (${first.location.file}:${first.location.line}:${first.location.column + 1})` : '';
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  const reason = `${first?.text ?? 'esbuild failed and said nothing'}${place}${more}`;
  return new PlexSpacesError('INVALID_ARGUMENT', `cannot build ${basename(source.path)}: ${reason}`);
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function isBundleMap(value: unknown): value is BundleMap {
  return typeof value === 'object' && value !== null && 'mappings' in value && 'sources' in value;
}
