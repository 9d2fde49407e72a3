/**
 * The tree that the tidy rules judge: every text file that is tracked or would be (not ignored), with its text.
 * A rule is a pure function from such a list to findings, so that it can be fed a list that breaks it.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** One sentence each, beginning with the file; an empty list is a pass. */
export type Findings = readonly string[];
export type Rule = (files: readonly SourceFile[]) => Findings;

/** Larger files are data; a rule about how source is written has nothing to say about them. */
const MAX_TEXT_BYTES = 2 * 1024 * 1024;

/** What .gitignore leaves out, for a tree that is no checkout. */
const IGNORED_NAMES = new Set(['.git', 'node_modules', 'dist', '.venv', '.cache', '__pycache__', 'coverage', 'target']);

export function readTree(root: string): SourceFile[] {
  const paths = new Set(listByGit(root) ?? listByWalk(root));
  return [...paths].toSorted().flatMap((path) => readText(root, path));
}

/** Null where there is no git or no checkout. A checkout that another user owns is read like any other. */
export function listByGit(root: string): string[] | null {
  const command = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { status, stdout } = spawnSync('git', command, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return status === 0 ? stdout.split('\0').filter((path) => path !== '') : null;
}

export function listByWalk(root: string, folder = ''): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (IGNORED_NAMES.has(entry.name)) return [];
    if (entry.isDirectory()) return listByWalk(root, path);
    return entry.isFile() ? [path] : [];
  });
}

/** Nothing for what is not text, and for a file that the index still lists and the disk no longer has. */
function readText(root: string, path: string): SourceFile[] {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size > MAX_TEXT_BYTES) return [];
  const text = readFileSync(join(root, path), 'utf8');
  return text.includes('\0') ? [] : [{ path, text }];
}
