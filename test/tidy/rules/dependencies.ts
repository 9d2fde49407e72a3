/** What the package.json files declare: exact versions, each used by its package, nothing used undeclared. */
import { importsOf, isRelative, packageOf } from '../imports.ts';
import type { Findings, SourceFile } from '../tree.ts';

interface Manifest {
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly all: Readonly<Record<string, string>>;
}

interface ParsedManifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const MANIFEST = /^(?:(packages|sdk|actors)\/(?:.+\/)?)?package\.json$/;
/** A version, or what lies at a path. */
const EXACT = /^(?:\d+\.\d+\.\d+(?:-[\w.]+)?|file:.+)$/;
const CODE = /\.(?:ts|js|mjs)$/;
/** Becomes an application of its own; it is packed with the command and belongs to no package here. */
const TEMPLATE = /^packages\/[^/]+\/templates\//;

export function versionsAreExact(files: readonly SourceFile[]): Findings {
  return manifestsOf(files).flatMap(({ path, all }) =>
    Object.entries(all).flatMap(([name, version]) =>
      EXACT.test(version) ? [] : [`${path} wants ${name} ${version}: versions are exact`],
    ),
  );
}

export function dependenciesAreUsed(files: readonly SourceFile[]): Findings {
  return manifestsOf(files).flatMap((manifest) => {
    const used = packagesUsedBy(manifest, files);
    const unused = Object.keys(manifest.dependencies).filter((name) => !used.has(name));
    return unused.map((name) => `${manifest.path} depends on ${name}, which nothing of it imports`);
  });
}

export function importsAreDeclared(files: readonly SourceFile[]): Findings {
  return manifestsOf(files)
    .filter(({ folder }) => folder.startsWith('packages/'))
    .flatMap((manifest) => {
      const undeclared = [...packagesUsedBy(manifest, files)].filter(
        (name) => name !== manifest.name && manifest.dependencies[name] === undefined,
      );
      return undeclared.map((name) => `${manifest.path} does not declare ${name}, which its package imports`);
    });
}

/** A lock that names a registry's address would tie every installation to it. */
export function lockNamesNoRegistry(files: readonly SourceFile[]): Findings {
  const locks = files.filter(({ path }) => path.endsWith('package-lock.json'));
  return locks.filter(({ text }) => /"resolved": "http/.test(text)).map(({ path }) => `${path} names a registry`);
}

function packagesUsedBy(manifest: Manifest, files: readonly SourceFile[]): Set<string> {
  const code = files.filter(({ path }) => path.startsWith(manifest.folder) && CODE.test(path) && !TEMPLATE.test(path));
  const bare = code.flatMap(({ text }) => importsOf(text)).filter((specifier) => !isRelative(specifier));
  return new Set(bare.filter((specifier) => !/^(?:node|data|file):/.test(specifier)).map(packageOf));
}

function manifestsOf(files: readonly SourceFile[]): Manifest[] {
  return files.filter(({ path }) => MANIFEST.test(path) && !TEMPLATE.test(path)).map(parseManifest);
}

function parseManifest({ path, text }: SourceFile): Manifest {
  const parsed: ParsedManifest = JSON.parse(text);
  const { name, dependencies = {}, devDependencies = {}, optionalDependencies = {} } = parsed;
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
  return { path, folder: path.slice(0, -'package.json'.length), name, dependencies, all };
}
