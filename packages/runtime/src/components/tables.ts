/** The tables that a core module defines. */
import { malformed, sectionsOf, WasmReader } from './wasm-binary.ts';

const TABLE_SECTION = 4;
const FUNCREF = 0x70;
const EXTERNREF = 0x6f;

export interface TableType {
  readonly minElements: number;
}

/** @throws INVALID_ARGUMENT for tables of other than function and external references, shared and 64-bit ones. */
export function tablesOf(module: Uint8Array): TableType[] {
  for (const section of sectionsOf(module)) {
    if (section.id !== TABLE_SECTION) continue;
    const reader = new WasmReader(module, section.bodyStart, section.end);
    const tables: TableType[] = [];
    for (let count = reader.u32(); count > 0; count -= 1) tables.push(readTable(reader));
    return tables;
  }
  return [];
}

function readTable(reader: WasmReader): TableType {
  const type = reader.byte();
  const flags = reader.byte();
  if ((type !== FUNCREF && type !== EXTERNREF) || flags > 1) {
    throw malformed(
      `expected plain 32-bit tables of function or external references, found type ${type}, flags ${flags}`,
    );
  }
  const minElements = reader.u32();
  if (flags === 1) reader.u32();
  return { minElements };
}
