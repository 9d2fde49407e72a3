/**
 * What a component consists of, read from its binary before any tool sees it: its imports and exports, and
 * the names and numbers that the limits are about.
 *
 * Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
import { kindOf, malformed, sectionsOf, WasmReader } from './wasm-binary.ts';
import type { Section } from './wasm-binary.ts';

const SECTION = {
  coreModule: 1,
  coreInstance: 2,
  component: 4,
  instance: 5,
  alias: 6,
  import: 10,
  export: 11,
} as const;
const CORE_SORTS = 0x00;
const VALUE_SORT = 0x02;
const TYPE_SORT = 0x03;
const INSTANCE_SORT = 0x05;
const CORE_EXPORT_ALIAS = 0x01;
const MAX_NESTING = 16;

export interface SurveyItem {
  readonly name: string;
  readonly isInstance: boolean;
}

export interface Survey {
  /** Of the outermost component. */
  readonly imports: readonly SurveyItem[];
  readonly exports: readonly SurveyItem[];
  /** Of it and all that is nested in it. */
  readonly coreModules: number;
  readonly coreInstances: number;
  readonly components: number;
  readonly instances: number;
  /** Every name in core instances and in aliases of their exports: they reach the generated code. */
  readonly coreNames: ReadonlySet<string>;
}

interface Tally {
  readonly imports: SurveyItem[];
  readonly exports: SurveyItem[];
  coreModules: number;
  coreInstances: number;
  components: number;
  instances: number;
  readonly coreNames: Set<string>;
}

/** @throws INVALID_ARGUMENT (NOT_A_COMPONENT) where the bytes are not a component. */
export function surveyComponent(bytes: Uint8Array): Survey {
  const kind = kindOf(bytes);
  if (kind !== 'component') throw malformed(`expected a component, found ${kind} (${bytes.length} bytes)`);
  const tally: Tally = {
    imports: [],
    exports: [],
    coreModules: 0,
    coreInstances: 0,
    components: 0,
    instances: 0,
    coreNames: new Set(),
  };
  surveySections(bytes, tally, 0);
  return tally;
}

function surveySections(bytes: Uint8Array, tally: Tally, depth: number): void {
  if (depth > MAX_NESTING) throw malformed(`components nested deeper than ${MAX_NESTING}`);
  for (const section of sectionsOf(bytes)) {
    if (section.id === SECTION.component) {
      tally.components += 1;
      surveySections(bytes.subarray(section.bodyStart, section.end), tally, depth + 1);
    } else {
      surveySection(new WasmReader(bytes, section.bodyStart, section.end), section, tally, depth);
    }
  }
}

function surveySection(reader: WasmReader, section: Section, tally: Tally, depth: number): void {
  switch (section.id) {
    case SECTION.coreModule:
      tally.coreModules += 1;
      return;
    case SECTION.coreInstance:
      for (let count = reader.u32(); count > 0; count -= 1) readCoreInstance(reader, tally);
      return;
    case SECTION.instance:
      tally.instances += reader.u32();
      return;
    case SECTION.alias:
      for (let count = reader.u32(); count > 0; count -= 1) readAlias(reader, tally);
      return;
    case SECTION.import:
      if (depth === 0) readImports(reader, tally);
      return;
    case SECTION.export:
      if (depth === 0) readExports(reader, tally);
      return;
    default:
  }
}

/** Either a module with named arguments or a list of named exports; both are `count` of (name, sort, index). */
function readCoreInstance(reader: WasmReader, tally: Tally): void {
  const form = reader.byte();
  if (form > 1) throw malformed(`a core instance of unknown form ${form}`);
  if (form === 0) {
    tally.coreInstances += 1;
    reader.u32();
  }
  for (let count = reader.u32(); count > 0; count -= 1) {
    tally.coreNames.add(reader.name());
    reader.byte();
    reader.u32();
  }
}

/** Sort, target, and by the target: an instance and a name, or two indices. */
function readAlias(reader: WasmReader, tally: Tally): void {
  readSort(reader);
  const target = reader.byte();
  reader.u32();
  if (target === CORE_EXPORT_ALIAS) tally.coreNames.add(reader.name());
  else if (target === 0) reader.name();
  else reader.u32();
}

function readSort(reader: WasmReader): number {
  const sort = reader.byte();
  if (sort === CORE_SORTS) reader.byte();
  return sort;
}

function readImports(reader: WasmReader, tally: Tally): void {
  for (let count = reader.u32(); count > 0; count -= 1) {
    const name = readExternName(reader);
    tally.imports.push({ name, isInstance: readDescription(reader) === INSTANCE_SORT });
  }
}

function readExports(reader: WasmReader, tally: Tally): void {
  for (let count = reader.u32(); count > 0; count -= 1) {
    const name = readExternName(reader);
    const sort = readSort(reader);
    reader.u32();
    if (reader.byte() === 1) readDescription(reader);
    tally.exports.push({ name, isInstance: sort === INSTANCE_SORT });
  }
}

function readExternName(reader: WasmReader): string {
  const form = reader.byte();
  if (form > 1) throw malformed(`an import or export name of unknown form ${form}`);
  return reader.name();
}

/** What an import or export is, by its sort; a type may be bound to nothing but a fresh resource. */
function readDescription(reader: WasmReader): number {
  const sort = readSort(reader);
  if (sort === VALUE_SORT) throw malformed(`a value as an import or export, at byte ${reader.position}`);
  const isResource = sort === TYPE_SORT && reader.byte() === 1;
  if (!isResource) reader.u32();
  return sort;
}
