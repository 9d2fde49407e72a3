/** Reading binaries that nobody vouches for: right where they are right, an error where they are not. */
import { PlexSpacesError } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeU32, kindOf, sectionsOf, WasmReader } from '../../../packages/runtime/src/components/wasm-binary.ts';
import { coreModule, section } from './core-modules.ts';

const REFUSED = expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'NOT_A_COMPONENT' });

function readerOf(...bytes: number[]): WasmReader {
  return new WasmReader(Uint8Array.from(bytes), 0, bytes.length);
}

describe('WasmReader', () => {
  it('reads every number that encodeU32 writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
        const reader = readerOf(...encodeU32(value));
        expect(reader.u32()).toBe(value);
        expect(reader.done).toBe(true);
      }),
    );
  });

  it('refuses numbers of more than 32 bits and numbers that never end', () => {
    expect(() => readerOf(0xff, 0xff, 0xff, 0xff, 0x1f).u32()).toThrow(REFUSED);
    expect(() => readerOf(0x80, 0x80, 0x80, 0x80, 0x80, 0x00).u32()).toThrow(REFUSED);
    expect(readerOf(0xff, 0xff, 0xff, 0xff, 0x0f).u32()).toBe(0xffff_ffff);
  });

  it('never reads past its end, not for a name either', () => {
    expect(() => readerOf().byte()).toThrow(REFUSED);
    expect(() => readerOf(0x80).u32()).toThrow(REFUSED);
    expect(() => readerOf(3, 0x61, 0x62).name()).toThrow(REFUSED);
    expect(readerOf(2, 0x61, 0x62).name()).toBe('ab');
  });

  it('refuses a name that is no UTF-8', () => {
    expect(() => readerOf(1, 0xff).name()).toThrow(REFUSED);
  });
});

describe('kindOf', () => {
  it.each([
    ['component', [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]],
    ['core module', [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]],
    ['unknown WebAssembly', [0x00, 0x61, 0x73, 0x6d, 0x02, 0x00, 0x00, 0x00]],
    ['unknown WebAssembly', [0x00, 0x61, 0x73, 0x6d]],
    ['not WebAssembly', [0x7f, 0x45, 0x4c, 0x46]],
    ['not WebAssembly', []],
  ])('tells a %s', (kind, bytes) => {
    expect(kindOf(Uint8Array.from(bytes))).toBe(kind);
  });
});

describe('sectionsOf', () => {
  it('gives each section with its place', () => {
    const sections = [...sectionsOf(coreModule(section(1, 9, 9), section(5)))];
    expect(sections).toEqual([
      { id: 1, start: 8, bodyStart: 10, end: 12 },
      { id: 5, start: 12, bodyStart: 14, end: 14 },
    ]);
  });

  it('refuses a section that is longer than the file', () => {
    expect(() => [...sectionsOf(coreModule([1, 3, 0, 0]))]).toThrow(REFUSED);
  });

  it('ends with an error or an answer within the file, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const binary = coreModule([...bytes]);
        const outcome = outcomeOf(() => Math.max(8, ...[...sectionsOf(binary)].map(({ end }) => end)));
        expect(outcome).toSatisfy((found) => found === binary.length || found === 'NOT_A_COMPONENT');
      }),
    );
  });
});

function outcomeOf(work: () => number): unknown {
  try {
    return work();
  } catch (error) {
    return PlexSpacesError.from(error).reason;
  }
}
