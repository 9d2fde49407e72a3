/**
 * Reading WebAssembly binaries, components and core modules alike: the preamble, LEB128 numbers, sections.
 *
 * Everything read here is untrusted: each read is checked against the end of its section.
 * Format: https://webassembly.github.io/spec/core/binary and the component model's Binary.md.
 */
import { PlexSpacesError } from '@plexspaces/core';

export const PREAMBLE_BYTES = 8;

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const CORE_VERSION = [0x01, 0x00, 0x00, 0x00];
const COMPONENT_VERSION = [0x0d, 0x00, 0x01, 0x00];

export type BinaryKind = 'component' | 'core module' | 'unknown WebAssembly' | 'not WebAssembly';

export interface Section {
  readonly id: number;
  /** Where the section's id stands. */
  readonly start: number;
  /** Its contents, `bodyStart` up to and without `end`. */
  readonly bodyStart: number;
  readonly end: number;
}

export function kindOf(bytes: Uint8Array): BinaryKind {
  if (!startsWith(bytes, 0, MAGIC)) return 'not WebAssembly';
  if (startsWith(bytes, 4, COMPONENT_VERSION)) return 'component';
  return startsWith(bytes, 4, CORE_VERSION) ? 'core module' : 'unknown WebAssembly';
}

/** The sections between the preamble and the end, in order. */
export function* sectionsOf(bytes: Uint8Array): Generator<Section> {
  const reader = new WasmReader(bytes, PREAMBLE_BYTES, bytes.length);
  while (!reader.done) {
    const start = reader.position;
    const id = reader.byte();
    const length = reader.u32();
    const bodyStart = reader.position;
    reader.skip(length);
    yield { id, start, bodyStart, end: reader.position };
  }
}

/** Reads forward from `position`, never past `end`. */
export class WasmReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position: number;

  constructor(bytes: Uint8Array, position: number, end: number) {
    this.#bytes = bytes;
    this.#position = position;
    this.#end = end;
  }

  get position(): number {
    return this.#position;
  }

  get done(): boolean {
    return this.#position >= this.#end;
  }

  byte(): number {
    const value = this.#position < this.#end ? this.#bytes[this.#position] : undefined;
    if (value === undefined) throw malformed(`it ends in the middle, at byte ${this.#position}`);
    this.#position += 1;
    return value;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw malformed(`a number of more than 32 bits before byte ${this.#position}`);
  }

  name(): string {
    const length = this.u32();
    const start = this.#position;
    this.skip(length);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.#bytes.subarray(start, this.#position));
    } catch {
      throw malformed(`a name that is no UTF-8 at byte ${start}`);
    }
  }

  skip(length: number): void {
    if (length > this.#end - this.#position) throw malformed(`it ends in the middle, after byte ${this.#position}`);
    this.#position += length;
  }
}

export function encodeU32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

export function malformed(what: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `not a well-formed WebAssembly component: ${what}`, {
    reason: 'NOT_A_COMPONENT',
  });
}

function startsWith(bytes: Uint8Array, offset: number, expected: readonly number[]): boolean {
  return expected.every((byte, index) => bytes[offset + index] === byte);
}
