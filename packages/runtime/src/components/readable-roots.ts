/** The directories that a Node process must be able to read to run one of our files, and no more. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = `${sep}node_modules${sep}`;

/** The file's own package, the packages it names, and where those keep what they need. */
export function readableRoots(entry: string): string[] {
  const named = ['@plexspaces/core', '@bytecodealliance/jco-transpile/component', 'acorn', 'acorn-walk'];
  const files = [entry, ...named.map((name) => fileURLToPath(import.meta.resolve(name)))];
  return [...new Set(files.flatMap((file) => [rootOf(file), rootOf(realpathSync(file))]))];
}

/** The outermost node_modules that holds a file; for a source tree the package it belongs to. */
function rootOf(file: string): string {
  const modules = file.indexOf(MODULES);
  return modules >= 0 ? file.slice(0, modules + MODULES.length - 1) : packageOf(dirname(file));
}

function packageOf(directory: string): string {
  const parent = dirname(directory);
  return existsSync(join(directory, 'package.json')) || parent === directory ? directory : packageOf(parent);
}
