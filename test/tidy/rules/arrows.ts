/** Imports point down only: the linter's arrows, found by resolving each import to the file or package it names. */
import {
  FOREIGN_PACKAGES,
  forbiddenPackages,
  forbiddenRuntimeFolders,
  PACKAGE_ARROWS,
  packageName,
  PURE_PACKAGES,
  RUNTIME_LAYERS,
  RUNTIME_TOP_FILES,
} from '../arrows.ts';
import { importsOf, isRelative, packageOf, resolveRelative } from '../imports.ts';
import type { Findings, SourceFile } from '../tree.ts';

const PACKAGE_FILE = /^packages\/([^/]+)\/(?:src|gen)\/(.+)\.ts$/;
const RUNTIME_FOLDERS = RUNTIME_LAYERS.flat();

export function importsPointDown(files: readonly SourceFile[]): Findings {
  return files.flatMap((file) => {
    const folder = PACKAGE_FILE.exec(file.path)?.[1];
    if (folder === undefined) return [];
    return importsOf(file.text).flatMap((specifier) => {
      const reason = isRelative(specifier)
        ? refuseFile(folder, file.path, resolveRelative(file.path, specifier))
        : refusePackage(folder, specifier);
      return reason === null ? [] : [`${file.path} imports ${specifier}: ${reason}`];
    });
  });
}

/** A package or a folder of the runtime that the table does not know has no arrows to keep. */
export function everyFolderHasArrows(files: readonly SourceFile[]): Findings {
  const unknown = files.flatMap(({ path }) => {
    const [, folder, inside] = PACKAGE_FILE.exec(path) ?? [];
    if (folder === undefined || inside === undefined) return [];
    if (PACKAGE_ARROWS[folder] === undefined) return [`packages/${folder}`];
    const sub = inside.includes('/') ? inside.slice(0, inside.indexOf('/')) : null;
    return folder === 'runtime' && sub !== null && !RUNTIME_FOLDERS.includes(sub)
      ? [`packages/runtime/src/${sub}`]
      : [];
  });
  return [...new Set(unknown)].map((path) => `${path} has no place in test/tidy/arrows.ts`);
}

function refusePackage(folder: string, specifier: string): string | null {
  const name = packageOf(specifier);
  const workspace = Object.keys(PACKAGE_ARROWS).find((other) => packageName(other) === name);
  if (PURE_PACKAGES.includes(folder)) return `packages/${folder} has no I/O and no dependencies`;
  if (workspace !== undefined && forbiddenPackages(folder).includes(workspace)) return 'arrows point down only';
  if (workspace !== undefined && /^[^/]+\/[^/]+\/(?:src|gen|dist)\b/.test(specifier)) return 'a deep import';
  const foreign = FOREIGN_PACKAGES[folder] ?? [];
  const isForeign = foreign.some(
    (prefix) => name === prefix || name.startsWith(`${prefix}-`) || name.startsWith(`${prefix}/`),
  );
  return isForeign ? `packages/${folder} must not see it` : null;
}

function refuseFile(folder: string, importer: string, target: string): string | null {
  if (!target.startsWith(`packages/${folder}/`)) return 'it leaves the package; import a package by its name';
  if (folder !== 'runtime') return null;
  const from = placeInRuntime(importer);
  const to = placeInRuntime(target);
  if (from.folder === null) {
    if (RUNTIME_TOP_FILES.includes(from.file) || to.folder === null) return null;
    return 'a leaf of src imports no folder; a file that constructs things is named in RUNTIME_TOP_FILES';
  }
  if (to.folder === null) return RUNTIME_TOP_FILES.includes(to.file) ? 'what constructs is not imported' : null;
  return forbiddenRuntimeFolders(from.folder).includes(to.folder) ? 'arrows point down only' : null;
}

function placeInRuntime(path: string): { readonly folder: string | null; readonly file: string } {
  const inside = path.slice('packages/runtime/src/'.length);
  const slash = inside.indexOf('/');
  return slash === -1 ? { folder: null, file: inside } : { folder: inside.slice(0, slash), file: inside };
}
