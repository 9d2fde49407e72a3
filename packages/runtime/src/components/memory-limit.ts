/**
 * Writes a maximum into every memory that a core module defines.
 *
 * V8 has no option that caps a guest's memory, and a thread's resourceLimits do not count it; the maximum in
 * the module itself is what makes memory.grow fail. Imported memories are some other module's, which gets
 * its own maximum.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { encodeU32, malformed, PREAMBLE_BYTES, sectionsOf, WasmReader } from './wasm-binary.ts';
import type { Section } from './wasm-binary.ts';

export const PAGE_BYTES = 65_536;
const MAX_PAGES = 65_536;
const MEMORY_SECTION = 5;

interface MemoryType {
  readonly minPages: number;
  readonly maxPages: number | undefined;
}

/** The pages that `memoryBytes` allow, at most what 32-bit memories can have. @throws INVALID_ARGUMENT below one page. */
export function pagesOf(memoryBytes: number): number {
  const pages = Math.floor(memoryBytes / PAGE_BYTES);
  if (pages >= 1) return Math.min(pages, MAX_PAGES);
  throw new PlexSpacesError('INVALID_ARGUMENT', `memoryBytes: expected at least ${PAGE_BYTES}, found ${memoryBytes}`);
}

/**
 * The module with a maximum of `maxPages` in each memory it defines; a lower maximum of its own stays.
 *
 * @throws RESOURCE_EXHAUSTED where a memory starts out larger, INVALID_ARGUMENT for shared and 64-bit memories.
 */
export function limitMemories(module: Uint8Array, maxPages: number): Uint8Array {
  const section = memorySection(module);
  if (section === undefined) return module;
  const body = encodeMemories(memoriesOf(module).map((memory) => limited(memory, maxPages)));
  const header = [MEMORY_SECTION, ...encodeU32(body.length)];
  return Buffer.concat([
    module.subarray(0, section.start),
    Uint8Array.from([...header, ...body]),
    module.subarray(section.end),
  ]);
}

/** The memories that a core module defines itself. */
export function memoriesOf(module: Uint8Array): MemoryType[] {
  const section = memorySection(module);
  if (section === undefined) return [];
  const reader = new WasmReader(module, section.bodyStart, section.end);
  const memories: MemoryType[] = [];
  for (let count = reader.u32(); count > 0; count -= 1) memories.push(readMemory(reader));
  if (!reader.done) throw malformed(`a memory section that is longer than its memories, at byte ${section.start}`);
  return memories;
}

function memorySection(module: Uint8Array): Section | undefined {
  if (module.length < PREAMBLE_BYTES) throw malformed('a core module of less than 8 bytes');
  for (const section of sectionsOf(module)) if (section.id === MEMORY_SECTION) return section;
  return undefined;
}

/** Flags: bit 0 a maximum, bit 1 shared, bit 2 64-bit, bit 3 a page size of its own. */
function readMemory(reader: WasmReader): MemoryType {
  const flags = reader.byte();
  if (flags > 1) {
    throw new PlexSpacesError(
      'INVALID_ARGUMENT',
      `expected plain 32-bit memories, found one that is shared, 64-bit or of another page size (flags ${flags})`,
      { reason: 'MEMORY_LIMIT' },
    );
  }
  const minPages = reader.u32();
  return { minPages, maxPages: flags === 1 ? reader.u32() : undefined };
}

function limited(memory: MemoryType, maxPages: number): MemoryType {
  if (memory.minPages <= maxPages) {
    return { minPages: memory.minPages, maxPages: Math.min(memory.maxPages ?? maxPages, maxPages) };
  }
  throw new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `the component starts with ${memory.minPages * PAGE_BYTES} bytes of memory, its limit is ${maxPages * PAGE_BYTES}`,
    { reason: 'MEMORY_LIMIT' },
  );
}

function encodeMemories(memories: readonly MemoryType[]): number[] {
  const body = encodeU32(memories.length);
  for (const { minPages, maxPages } of memories) {
    body.push(
      maxPages === undefined ? 0 : 1,
      ...encodeU32(minPages),
      ...(maxPages === undefined ? [] : encodeU32(maxPages)),
    );
  }
  return body;
}
