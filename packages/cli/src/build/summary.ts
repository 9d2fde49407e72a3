/** A build's result as people read it. */
import type { BuildResult } from './build.ts';

const HASH_PREFIX = 12;
const INTERFACE = /^(.+)\/([^/@]+)(@.+)?$/;

/** One line: language, size, hash, how long it took. */
export function summarise({ language, bytes, hash, elapsedMs, cached }: BuildResult): string {
  const how = `${(elapsedMs / 1000).toFixed(1)} s${cached ? ', unchanged' : ''}`;
  return `${language}  ${(bytes / 1e6).toFixed(2)} MB  sha256 ${hash.slice(0, HASH_PREFIX)}…  ${how}`;
}

/** A line for each package: `wasi:cli@0.2.0: environment, exit`. */
export function listInterfaces(names: readonly string[]): string[] {
  const packages = new Map<string, string[]>();
  for (const name of names) {
    const [, owner, part = name, version = ''] = INTERFACE.exec(name) ?? [];
    const key = owner === undefined ? '' : `${owner}${version}: `;
    packages.set(key, [...(packages.get(key) ?? []), part]);
  }
  return [...packages].map(([key, parts]) => `${key}${parts.join(', ')}`);
}
