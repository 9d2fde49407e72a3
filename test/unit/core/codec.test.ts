import {
  ByteReader,
  ByteWriter,
  decodePattern,
  decodeTuple,
  encodeField,
  encodePattern,
  encodeTuple,
  fieldsEqual,
  MAX_TUPLE_ARITY,
  MAX_TUPLE_BYTES,
} from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyField, anyPattern, anyTuple } from './arbitraries.ts';

const NULL = { type: 'null' } as const;

describe('the binary form', () => {
  it('gives tuples back', () => {
    fc.assert(
      fc.property(anyTuple, (tuple) => {
        expect(decodeTuple(encodeTuple(tuple))).toStrictEqual(tuple);
      }),
    );
  });

  it('gives patterns back', () => {
    fc.assert(
      fc.property(anyPattern, (pattern) => {
        expect(decodePattern(encodePattern(pattern))).toStrictEqual(pattern);
      }),
    );
  });

  it('gives back what was written where the writer has to grow for it', () => {
    for (let length = 0; length <= 600; length += 1) {
      const filler = { type: 'bytes', value: new Uint8Array(length) } as const;
      for (const last of [NULL, { type: 'int', value: 7n }, { type: 'float', value: 0.5 }] as const) {
        expect(decodeTuple(encodeTuple([filler, last]))).toStrictEqual([filler, last]);
      }
    }
  });

  it('has equal bytes for equal fields, and only for them', () => {
    fc.assert(
      fc.property(anyField, anyField, (a, b) => {
        expect(sameBytes(encodeField(a), encodeField(b))).toBe(fieldsEqual(a, b));
        expect(sameBytes(encodeField(a), encodeField({ ...a }))).toBe(true);
      }),
    );
  });

  it('has one form for every NaN, and two for 0 and -0', () => {
    const odd = new DataView(new ArrayBuffer(8));
    odd.setBigUint64(0, 0x7ff8_0000_0000_0001n);
    const bytes = [odd.getFloat64(0), NaN, 0, -0].map((value) => encodeField({ type: 'float', value }));
    expect(bytes[0]).toEqual(bytes[1]);
    expect(bytes[2]).not.toEqual(bytes[3]);
  });

  it.each([
    ['no fields', [], '00'],
    ['an empty string', [{ type: 'string', value: '' }], '01 00 00'],
    ['a string', [{ type: 'string', value: 'é' }], '01 00 02 c3 a9'],
    ['the least int', [{ type: 'int', value: -(2n ** 63n) }], '01 01 00 00 00 00 00 00 00 80'],
    ['the greatest int', [{ type: 'int', value: 2n ** 63n - 1n }], '01 01 ff ff ff ff ff ff ff 7f'],
    ['a float', [{ type: 'float', value: 1 }], '01 02 00 00 00 00 00 00 f0 3f'],
    ['no bytes', [{ type: 'bytes', value: new Uint8Array() }], '01 03 00'],
    ['bool and null', [{ type: 'bool', value: true }, NULL], '02 04 01 05'],
  ] satisfies [string, Tuple, string][])('of %s does not change: it is on disks', (_name, tuple, hex) => {
    expect(Buffer.from(encodeTuple(tuple)).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it('holds 64 fields and no more', () => {
    const full = Array.from({ length: MAX_TUPLE_ARITY }, () => NULL);
    expect(decodeTuple(encodeTuple(full))).toEqual(full);
    expect(() => encodeTuple([...full, NULL])).toThrowError(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('holds MAX_TUPLE_BYTES and no more', () => {
    // Arity, type and a length of 3 bytes stand before the field's own bytes.
    const largest: Tuple = [{ type: 'bytes', value: new Uint8Array(MAX_TUPLE_BYTES - 5) }];
    expect(encodeTuple(largest)).toHaveLength(MAX_TUPLE_BYTES);
    const over: Tuple = [{ type: 'bytes', value: new Uint8Array(MAX_TUPLE_BYTES - 4) }];
    expect(() => encodeTuple(over)).toThrowError(expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }));
  });

  it('is DATA_LOSS wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(anyField, { minLength: 1, maxLength: 4 }), fc.nat(), (tuple, at) => {
        const bytes = encodeTuple(tuple);
        const cut = bytes.subarray(0, at % bytes.length);
        expect(() => decodeTuple(cut)).toThrowError(expect.objectContaining({ code: 'DATA_LOSS' }));
      }),
    );
  });

  it('is DATA_LOSS where a type or a match is none', () => {
    expect(() => decodeTuple(Uint8Array.of(1, 6))).toThrowError(expect.objectContaining({ code: 'DATA_LOSS' }));
    expect(() => decodePattern(Uint8Array.of(1, 3))).toThrowError(expect.objectContaining({ code: 'DATA_LOSS' }));
    expect(() => decodePattern(Uint8Array.of(1, 2, 6))).toThrowError(expect.objectContaining({ code: 'DATA_LOSS' }));
  });

  it('gives bytes as a copy, not as a view of what it read', () => {
    const bytes = encodeTuple([{ type: 'bytes', value: Uint8Array.of(1, 2) }]).slice();
    const [field] = decodeTuple(bytes);
    bytes.fill(9);
    expect(field).toEqual({ type: 'bytes', value: Uint8Array.of(1, 2) });
  });
});

describe('varints', () => {
  it('come back, at the edges too', () => {
    const lengths = fc.oneof(
      fc.nat({ max: 2 ** 31 - 1 }),
      fc.constantFrom(0, 127, 128, 16_383, 16_384, 2 ** 32, 2 ** 48),
    );
    fc.assert(
      fc.property(lengths, (value) => {
        const bytes = new ByteWriter(16, 'test').varint(value).finish();
        expect(new ByteReader(bytes).varint()).toBe(value);
      }),
    );
  });

  it('that never end are DATA_LOSS', () => {
    const endless = new Uint8Array(16).fill(0x80);
    expect(() => new ByteReader(endless).varint()).toThrowError(expect.objectContaining({ code: 'DATA_LOSS' }));
  });
});

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
