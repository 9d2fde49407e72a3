/**
 * The wall for plain core modules: the exports of OKRA's ABI, imports of WASI's preview 1 only, and what any core
 * module may hold. No code is generated for them, so that their names reach nothing but messages.
 */
import { PlexSpacesError, quote, WASI_FUNCTIONS, WASI_MODULE } from '@plexspaces/core';
import { exportedFunctionTypes } from './function-types.ts';
import { memoriesOf } from './memory-limit.ts';
import { ABI_FUNCTIONS, MEMORY_EXPORT } from './okra-abi.ts';
import type { AbiFunction } from './okra-abi.ts';
import { compileForScreening, screenTables } from './screen-core-modules.ts';
import * as limits from './screening-limits.ts';

/** What of it is known when it was screened. */
export interface ServiceModule {
  /** `module.function` */
  readonly imports: readonly string[];
  /** Those of the ABI. */
  readonly exports: readonly string[];
}

/** @throws INVALID_ARGUMENT with NOT_A_COMPONENT, FOREIGN_IMPORT or MEMORY_LIMIT; RESOURCE_EXHAUSTED over a limit. */
export function screenServiceModule(bytes: Uint8Array): ServiceModule {
  const memories = memoriesOf(bytes);
  const module = compileForScreening(bytes);
  const imports = WebAssembly.Module.imports(module);
  const exports = WebAssembly.Module.exports(module);
  limits.expectAtMost(limits.MAX_CORE_NAMES, imports.length + exports.length, 'core imports and exports');
  limits.expectAtMost(limits.MAX_TABLES, screenTables(bytes), 'tables');
  expectLinkedImports(imports);
  if (memories.length > 1) throw notTheAbi(`one memory, found ${memories.length}`);
  const kinds = new Map(exports.map(({ name, kind }) => [name, kind]));
  expectExports(kinds, bytes);
  return {
    imports: imports.map(({ module: from, name }) => `${from}.${name}`),
    exports: [MEMORY_EXPORT, ...ABI_FUNCTIONS.map(({ name }) => name)].filter((name) => kinds.has(name)),
  };
}

function expectLinkedImports(imports: readonly WebAssembly.ModuleImportDescriptor[]): void {
  for (const { module, name, kind } of imports) {
    if (kind === 'function' && module === WASI_MODULE && WASI_FUNCTIONS.has(name)) continue;
    const found = `${kind} ${quote(name)} of ${quote(module)}`;
    throw new PlexSpacesError(
      'INVALID_ARGUMENT',
      `a core module may import functions of ${WASI_MODULE} only, found ${found}`,
      { reason: 'FOREIGN_IMPORT', details: { import: quote(name) } },
    );
  }
}

/** All that is missing is named at once. */
function expectExports(kinds: ReadonlyMap<string, string>, bytes: Uint8Array): void {
  const required = ABI_FUNCTIONS.filter(({ isOptional }) => isOptional !== true);
  const missing = required.filter(({ name }) => kinds.get(name) !== 'function').map(({ name }) => name);
  if (kinds.get(MEMORY_EXPORT) !== 'memory') missing.unshift(MEMORY_EXPORT);
  if (missing.length > 0) throw notTheAbi(`exports of ${missing.join(', ')}, found none`);
  const types = exportedFunctionTypes(bytes);
  for (const expected of ABI_FUNCTIONS) expectType(expected, types.get(expected.name));
}

function expectType({ name, signatures }: AbiFunction, found: string | undefined): void {
  if (found === undefined || signatures.includes(found)) return;
  throw notTheAbi(`${name} of type ${signatures.join(' or ')}, found ${found}`);
}

function notTheAbi(what: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `neither a component nor a module in OKRA's ABI: expected ${what}`, {
    reason: 'NOT_A_COMPONENT',
  });
}
