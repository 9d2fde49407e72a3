/**
 * The arrows of the architecture, as data: who may import whom. The linter's configuration and the tidy test
 * both read this table; each has its own way of finding a violation.
 */

/** Workspace packages (folder names) and the packages below them that they may import. */
export const PACKAGE_ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  proto: ['core'],
  worker: ['core'],
  client: ['proto', 'core'],
  runtime: ['worker', 'proto', 'core'],
  cli: ['client', 'runtime', 'proto', 'core'],
};

/** A package's name where it is not `@plexspaces/<folder>`. */
export const PACKAGE_NAMES: Readonly<Record<string, string>> = { cli: 'plexspaces' };

/**
 * The folders of the runtime, the upper first; a folder imports itself and what is below it. `library` constructs what
 * is around an actor, as node-core.ts does for a node: a program that starts an actor has no node to do it.
 */
export const RUNTIME_LAYERS: readonly (readonly string[])[] = [
  ['services', 'library'],
  ['actors'],
  ['pool'],
  ['host'],
  ['components', 'description', 'tuplespace', 'state', 'timers', 'store'],
];

/** Who keeps something keeps it through the store; else neighbours on the lowest layer know nothing of each other. */
export const RUNTIME_SIDE_ARROWS: Readonly<Record<string, readonly string[]>> = {
  tuplespace: ['store'],
  state: ['store'],
  timers: ['store'],
};

/**
 * Files directly in the runtime's src that construct things: they may import every folder and no folder imports
 * them. Any other file there is a leaf: folders may import it, and it imports none of them.
 */
export const RUNTIME_TOP_FILES: readonly string[] = ['index.ts', 'node.ts', 'node-core.ts', 'doctor.ts'];

/** npm packages, and everything whose name goes on with a slash or a dash, that a package must never see. */
export const FOREIGN_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  worker: ['level', 'classic-level', 'piscina', 'nice-grpc', '@grpc', '@bufbuild'],
};

/** Packages without I/O: nothing of Node and nothing from npm. */
export const PURE_PACKAGES: readonly string[] = ['core'];

export function packageName(folder: string): string {
  return PACKAGE_NAMES[folder] ?? `@plexspaces/${folder}`;
}

/** Folders of the runtime that a file of `folder` must not import. */
export function forbiddenRuntimeFolders(folder: string): string[] {
  const level = RUNTIME_LAYERS.findIndex((layer) => layer.includes(folder));
  const notBelow = RUNTIME_LAYERS.slice(0, level + 1).flat();
  const allowed = [folder, ...(RUNTIME_SIDE_ARROWS[folder] ?? [])];
  return notBelow.filter((other) => !allowed.includes(other));
}

/** Workspace packages that a file of package `folder` must not import; itself among them (import the file). */
export function forbiddenPackages(folder: string): string[] {
  const allowed = PACKAGE_ARROWS[folder] ?? [];
  return Object.keys(PACKAGE_ARROWS).filter((other) => !allowed.includes(other));
}
