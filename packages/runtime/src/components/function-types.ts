/** The types of the functions that a core module exports, as its binary states them. */
import { malformed, sectionsOf, WasmReader } from './wasm-binary.ts';

const SECTION = { type: 1, import: 2, function: 3, export: 7 } as const;
const FUNCTION_TYPE = 0x60;
const FUNCTION_KIND = 0x00;
const VALUE_TYPES: Readonly<Record<number, string>> = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64' };

interface Declared {
  readonly types: string[];
  /** The index of each function's type; imported functions come first. */
  readonly functions: number[];
  readonly exports: Map<string, number>;
}

/**
 * `(i32, i32) -> (i64)` by the export's name. Of a module that V8 takes, and that imports nothing but functions.
 *
 * @throws INVALID_ARGUMENT (NOT_A_COMPONENT) for types of other than functions: none of the toolchains in use has them.
 */
export function exportedFunctionTypes(module: Uint8Array): ReadonlyMap<string, string> {
  const declared: Declared = { types: [], functions: [], exports: new Map() };
  for (const { id, bodyStart, end } of sectionsOf(module))
    readSection(id, new WasmReader(module, bodyStart, end), declared);
  const signatures = new Map<string, string>();
  for (const [name, index] of declared.exports) {
    signatures.set(name, declared.types[declared.functions[index] ?? -1] ?? 'of an unknown type');
  }
  return signatures;
}

function readSection(id: number, reader: WasmReader, declared: Declared): void {
  switch (id) {
    case SECTION.type:
      for (let count = reader.u32(); count > 0; count -= 1) declared.types.push(readFunctionType(reader));
      return;
    case SECTION.import:
      for (let count = reader.u32(); count > 0; count -= 1) declared.functions.push(readImport(reader));
      return;
    case SECTION.function:
      for (let count = reader.u32(); count > 0; count -= 1) declared.functions.push(reader.u32());
      return;
    case SECTION.export:
      for (let count = reader.u32(); count > 0; count -= 1) readExport(reader, declared.exports);
      return;
    default:
  }
}

function readFunctionType(reader: WasmReader): string {
  const form = reader.byte();
  if (form !== FUNCTION_TYPE) throw malformed(`expected types of functions only, found form ${form}`);
  const parameters = readValueTypes(reader);
  return `(${parameters}) -> (${readValueTypes(reader)})`;
}

function readValueTypes(reader: WasmReader): string {
  const types: string[] = [];
  for (let count = reader.u32(); count > 0; count -= 1) types.push(readValueType(reader));
  return types.join(', ');
}

/** References to anything but functions and external values have a heap type behind them. */
function readValueType(reader: WasmReader): string {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) throw malformed('expected plain value types, found a typed reference');
  return VALUE_TYPES[type] ?? `type ${type}`;
}

function readImport(reader: WasmReader): number {
  reader.name();
  reader.name();
  const kind = reader.byte();
  if (kind !== FUNCTION_KIND) throw malformed(`expected imports of functions only, found kind ${kind}`);
  return reader.u32();
}

function readExport(reader: WasmReader, exports: Map<string, number>): void {
  const name = reader.name();
  const kind = reader.byte();
  const index = reader.u32();
  if (kind === FUNCTION_KIND) exports.set(name, index);
}
