/** The first wall, continued: the names and numbers of the core modules that the generated code will run. */
import { memoriesOf } from './memory-limit.ts';
import { expectSafeName } from './safe-name.ts';
import * as limits from './screening-limits.ts';
import { tablesOf } from './tables.ts';
import { malformed } from './wasm-binary.ts';

/** @throws INVALID_ARGUMENT (UNSAFE_NAME, NOT_A_COMPONENT) or RESOURCE_EXHAUSTED over a limit. */
export function screenCoreModules(coreModules: ReadonlyMap<string, Uint8Array>): void {
  limits.expectAtMost(limits.MAX_CORE_MODULES, coreModules.size, 'core modules');
  let names = 0;
  for (const bytes of coreModules.values()) {
    const module = compileForScreening(bytes);
    const imports = WebAssembly.Module.imports(module);
    const exports = WebAssembly.Module.exports(module);
    names += imports.length + exports.length;
    limits.expectAtMost(limits.MAX_CORE_NAMES, names, 'core imports and exports');
    for (const item of imports) expectSafeName(item.module, 'module of a core import');
    for (const item of imports) expectSafeName(item.name, 'core import');
    for (const item of exports) expectSafeName(item.name, 'core export');
  }
}

/**
 * What all instances together have; `instantiations` says how often each module is instantiated.
 *
 * @throws RESOURCE_EXHAUSTED over a limit.
 */
export function screenInstantiations(
  coreModules: ReadonlyMap<string, Uint8Array>,
  instantiations: readonly string[],
): void {
  limits.expectAtMost(limits.MAX_CORE_INSTANCES, instantiations.length, 'core instances');
  let memories = 0;
  let tables = 0;
  for (const name of instantiations) {
    const bytes = coreModules.get(name);
    if (bytes === undefined) throw malformed(`it instantiates a core module ${name} that it does not have`);
    memories += memoriesOf(bytes).length;
    tables += screenTables(bytes);
  }
  limits.expectAtMost(limits.MAX_MEMORIES, memories, 'memories');
  limits.expectAtMost(limits.MAX_TABLES, tables, 'tables');
}

/** How many tables a core module defines. @throws RESOURCE_EXHAUSTED where one starts out too large. */
export function screenTables(bytes: Uint8Array): number {
  const tables = tablesOf(bytes);
  for (const { minElements } of tables) limits.expectAtMost(limits.MAX_TABLE_ELEMENTS, minElements, 'table elements');
  return tables.length;
}

/** @throws INVALID_ARGUMENT (NOT_A_COMPONENT) where it is not valid. */
export function compileForScreening(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(new Uint8Array(bytes));
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}
