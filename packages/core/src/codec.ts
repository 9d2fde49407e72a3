/**
 * The binary form of tuples and patterns, and the reader and writer under it.
 *
 * The form is canonical: equal values have equal bytes, so that a digest of the bytes stands for the
 * value (replay compares host calls by it). Little-endian; lengths are unsigned LEB128 varints.
 */
import { PlexSpacesError } from './errors.ts';
import type { Pattern, PatternField } from './pattern.ts';
import { expectArity, FIELD_TYPES, MAX_TUPLE_BYTES } from './tuple.ts';
import type { FieldType, Tuple, TupleField } from './tuple.ts';

const FIELD_TAG: Readonly<Record<FieldType, number>> = { string: 0, int: 1, float: 2, bytes: 3, bool: 4, null: 5 };
const MATCH_TAG: Readonly<Record<PatternField['match'], number>> = { exact: 0, any: 1, type: 2 };
const INITIAL_BYTES = 1024;
/** A larger one is not kept for the next writer. */
const MAX_SPARE_BYTES = 65_536;
/** Up to this length a text of ASCII is written and read here, in less time than it takes to ask for it elsewhere. */
const MAX_SHORT_TEXT = 32;
const FIRST_BEYOND_ASCII = 0x80;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What the writer before has left; taking a block for each would cost more than to write into it. */
let spare: Uint8Array | undefined;

/** Grows by doubling; refuses to pass its limit. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;
  readonly #limit: number;
  readonly #what: string;

  /** @param limit bytes; past it RESOURCE_EXHAUSTED names `what`. */
  constructor(limit: number, what: string) {
    this.#limit = limit;
    this.#what = what;
    this.#bytes = spare ?? new Uint8Array(INITIAL_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
    spare = undefined;
  }

  u8(value: number): this {
    const offset = this.#reserve(1); // first: it may put another view in place
    this.#view.setUint8(offset, value);
    return this;
  }

  u64(value: bigint): this {
    const offset = this.#reserve(8);
    this.#view.setBigUint64(offset, BigInt.asUintN(64, value), true);
    return this;
  }

  /** Every NaN is written as the one canonical NaN. */
  f64(value: number): this {
    const offset = this.#reserve(8);
    this.#view.setFloat64(offset, Number.isNaN(value) ? NaN : value, true);
    return this;
  }

  varint(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  bytes(value: Uint8Array): this {
    this.varint(value.length);
    const offset = this.#reserve(value.length);
    this.#bytes.set(value, offset);
    return this;
  }

  string(value: string): this {
    return isShortAscii(value) ? this.#ascii(value) : this.bytes(encoder.encode(value));
  }

  /** A copy of what was written. The writer is not to be used any more. */
  finish(): Uint8Array {
    if (this.#bytes.length <= MAX_SPARE_BYTES) spare = this.#bytes;
    return this.#bytes.slice(0, this.#length);
  }

  #ascii(value: string): this {
    this.varint(value.length);
    const offset = this.#reserve(value.length);
    for (let index = 0; index < value.length; index += 1) this.#bytes[offset + index] = value.charCodeAt(index);
    return this;
  }

  #reserve(count: number): number {
    const offset = this.#length;
    const needed = offset + count;
    if (needed > this.#limit) {
      throw new PlexSpacesError(
        'RESOURCE_EXHAUSTED',
        `${this.#what}: expected at most ${this.#limit} bytes, found ${needed} or more`,
      );
    }
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length = needed;
    return offset;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what ByteWriter wrote. @throws DATA_LOSS where the bytes end early or hold no such value. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 0x80 ** 6; scale *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw malformed('a varint of at most 7 bytes');
  }

  /** A copy: what is read may be shared memory that changes. */
  bytes(): Uint8Array {
    const length = this.varint();
    const offset = this.#take(length);
    // Not `slice`, which of a Buffer is a view.
    return new Uint8Array(this.#bytes.subarray(offset, offset + length));
  }

  string(): string {
    const from = this.#offset;
    const short = this.#shortAscii();
    if (short !== undefined) return short;
    this.#offset = from;
    try {
      return decoder.decode(this.bytes());
    } catch (cause) {
      if (cause instanceof PlexSpacesError) throw cause;
      throw malformed('UTF-8');
    }
  }

  /** Undefined: it is longer, or of other characters; what was read of it has to be read again. */
  #shortAscii(): string | undefined {
    const length = this.varint();
    if (length > MAX_SHORT_TEXT) return undefined;
    const offset = this.#take(length);
    let text = '';
    for (let index = 0; index < length; index += 1) {
      const byte = this.#bytes[offset + index] ?? FIRST_BEYOND_ASCII;
      if (byte >= FIRST_BEYOND_ASCII) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** @throws DATA_LOSS where bytes are left over. */
  expectEnd(): void {
    if (!this.atEnd) throw malformed(`an end after ${this.#offset} bytes`);
  }

  #take(count: number): number {
    const offset = this.#offset;
    if (offset + count > this.#bytes.length) throw malformed(`${count} more bytes`);
    this.#offset = offset + count;
    return offset;
  }
}

function isShortAscii(text: string): boolean {
  if (text.length > MAX_SHORT_TEXT) return false;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) >= FIRST_BEYOND_ASCII) return false;
  return true;
}

/** @throws RESOURCE_EXHAUSTED over MAX_TUPLE_BYTES, INVALID_ARGUMENT over MAX_TUPLE_ARITY. */
export function encodeTuple(tuple: Tuple): Uint8Array {
  const writer = new ByteWriter(MAX_TUPLE_BYTES, 'tuple');
  writeTuple(writer, tuple);
  return writer.finish();
}

/** @throws DATA_LOSS where the bytes are not one whole tuple. */
export function decodeTuple(bytes: Uint8Array): Tuple {
  const reader = new ByteReader(bytes);
  const tuple = readTuple(reader);
  reader.expectEnd();
  return tuple;
}

/** @throws RESOURCE_EXHAUSTED over MAX_TUPLE_BYTES, INVALID_ARGUMENT over MAX_TUPLE_ARITY. */
export function encodePattern(pattern: Pattern): Uint8Array {
  const writer = new ByteWriter(MAX_TUPLE_BYTES, 'pattern');
  writePattern(writer, pattern);
  return writer.finish();
}

/** @throws DATA_LOSS where the bytes are not one whole pattern. */
export function decodePattern(bytes: Uint8Array): Pattern {
  const reader = new ByteReader(bytes);
  const pattern = readPattern(reader);
  reader.expectEnd();
  return pattern;
}

export function writeTuple(writer: ByteWriter, tuple: Tuple): void {
  expectArity(tuple.length, 'tuple');
  writer.u8(tuple.length);
  for (const field of tuple) writeField(writer, field);
}

export function readTuple(reader: ByteReader): Tuple {
  const arity = reader.u8();
  return Array.from({ length: arity }, () => readField(reader));
}

export function writePattern(writer: ByteWriter, pattern: Pattern): void {
  expectArity(pattern.length, 'pattern');
  writer.u8(pattern.length);
  for (const wanted of pattern) {
    writer.u8(MATCH_TAG[wanted.match]);
    if (wanted.match === 'exact') writeField(writer, wanted.field);
    if (wanted.match === 'type') writer.u8(FIELD_TAG[wanted.type]);
  }
}

export function readPattern(reader: ByteReader): Pattern {
  const arity = reader.u8();
  return Array.from({ length: arity }, () => readPatternField(reader));
}

/** One field by itself: the key under which an index files it. */
export function encodeField(field: TupleField): Uint8Array {
  const writer = new ByteWriter(MAX_TUPLE_BYTES, 'field');
  writeField(writer, field);
  return writer.finish();
}

function writeField(writer: ByteWriter, field: TupleField): void {
  writer.u8(FIELD_TAG[field.type]);
  switch (field.type) {
    case 'string':
      writer.string(field.value);
      break;
    case 'int':
      writer.u64(field.value);
      break;
    case 'float':
      writer.f64(field.value);
      break;
    case 'bytes':
      writer.bytes(field.value);
      break;
    case 'bool':
      writer.u8(field.value ? 1 : 0);
      break;
    case 'null':
      break;
  }
}

function readField(reader: ByteReader): TupleField {
  const type = readFieldType(reader);
  switch (type) {
    case 'string':
      return { type, value: reader.string() };
    case 'int':
      return { type, value: reader.i64() };
    case 'float':
      return { type, value: reader.f64() };
    case 'bytes':
      return { type, value: reader.bytes() };
    case 'bool':
      return { type, value: readBool(reader) };
    case 'null':
      return { type };
  }
}

function readBool(reader: ByteReader): boolean {
  const byte = reader.u8();
  if (byte > 1) throw malformed('a bool of 0 or 1');
  return byte === 1;
}

function readPatternField(reader: ByteReader): PatternField {
  switch (reader.u8()) {
    case MATCH_TAG.exact:
      return { match: 'exact', field: readField(reader) };
    case MATCH_TAG.any:
      return { match: 'any' };
    case MATCH_TAG.type:
      return { match: 'type', type: readFieldType(reader) };
    default:
      throw malformed('a pattern field');
  }
}

function readFieldType(reader: ByteReader): FieldType {
  const type = FIELD_TYPES[reader.u8()];
  if (type === undefined) throw malformed('a field type');
  return type;
}

function malformed(expected: string): PlexSpacesError {
  return new PlexSpacesError('DATA_LOSS', `binary form: expected ${expected}, found none`);
}
