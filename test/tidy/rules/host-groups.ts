/**
 * One group of host functions has one name in three places: the thread's half, the main thread's half, its test.
 */
import type { Findings, SourceFile } from '../tree.ts';

const WORKER = 'packages/worker/src/host/';
const RUNTIME = 'packages/runtime/src/host/';
const TEST = /^test\/(?:.+\/)?host\/([^/]+)\.test\.ts$/;

/** Files of the thread's half that put the groups together or serve several, and are not a group. */
const NOT_GROUPS: readonly string[] = ['index', 'context', 'results'];

export function hostGroupsAreWhole(files: readonly SourceFile[]): Findings {
  const paths = files.map(({ path }) => path);
  const groups = groupsIn(paths, WORKER);
  if (groups.length === 0) return [`${WORKER} holds no group of host functions`];
  const tested = new Set(paths.flatMap((path) => TEST.exec(path)?.[1] ?? []));
  return groups.flatMap((group) => [
    ...missing(paths.includes(`${RUNTIME}${group}.ts`), `${RUNTIME}${group}.ts`),
    ...missing(tested.has(group), `test/**/host/${group}.test.ts`),
  ]);
}

function groupsIn(paths: readonly string[], folder: string): string[] {
  const files = paths.filter((path) => path.startsWith(folder) && path.endsWith('.ts'));
  const names = files.map((path) => path.slice(folder.length, -'.ts'.length));
  return names.filter((name) => !name.includes('/') && !NOT_GROUPS.includes(name));
}

function missing(isThere: boolean, path: string): string[] {
  return isThere ? [] : [`${path} is missing: a group of host functions has one name in three places`];
}
