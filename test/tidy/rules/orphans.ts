/**
 * No file under packages/*\/src that nothing leads to. It starts from what is started or published: the sources in
 * each package.json's exports, the commands in bin, what scripts name; and follows every file that those name.
 */
import { posix } from 'node:path';
import { filesNamedBy } from '../imports.ts';
import type { Findings, SourceFile } from '../tree.ts';

const PACKAGE_SOURCE = /^packages\/[^/]+\/src\/.+\.ts$/;
const MANIFEST = /^packages\/[^/]+\/package\.json$/;
const STARTED = /^(?:packages\/[^/]+\/bin\/.+|(?:packages\/[^/]+\/)?scripts\/.+|\.ci\/.+)$/;
const SOURCE_IN_MANIFEST = /"\.\/(src\/[^"]+\.ts)"/g;
const SOURCE_IN_SCRIPT = /\bpackages\/[\w-]+\/src\/[\w./-]+\.ts\b/g;

export function everySourceIsReached(files: readonly SourceFile[]): Findings {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const reached = new Set<string>();
  const waiting = files.flatMap(startingPoints);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = texts.get(path);
    if (text === undefined || reached.has(path)) continue;
    reached.add(path);
    waiting.push(...filesNamedBy(path, text));
  }
  const sources = files.map(({ path }) => path).filter((path) => PACKAGE_SOURCE.test(path));
  return sources.filter((path) => !reached.has(path)).map((path) => `${path} is imported by nothing that is started`);
}

function startingPoints({ path, text }: SourceFile): string[] {
  if (MANIFEST.test(path)) {
    return [...text.matchAll(SOURCE_IN_MANIFEST)].map(([, source]) => posix.join(posix.dirname(path), source ?? ''));
  }
  return STARTED.test(path) ? [path, ...(text.match(SOURCE_IN_SCRIPT) ?? [])] : [];
}
