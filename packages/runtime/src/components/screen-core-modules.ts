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
    const module = compile(bytes);
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
    const own = tablesOf(bytes);
    tables += own.length;
    for (const { minElements } of own) limits.expectAtMost(limits.MAX_TABLE_ELEMENTS, minElements, 'table elements');
  }
  limits.expectAtMost(limits.MAX_MEMORIES, memories, 'memories');
  limits.expectAtMost(limits.MAX_TABLES, tables, 'tables');
}

function compile(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(new Uint8Array(bytes));
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}
