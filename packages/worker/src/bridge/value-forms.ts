/** How the value that a host function gives is written: its tag, then what it holds. */
import { PlexSpacesError, readTuple, writeTuple } from '@plexspaces/core';
import type { ByteReader, ByteWriter } from '@plexspaces/core';
import type { HostValue } from '../protocol.ts';

const TAG: Readonly<Record<HostValue['type'], number>> = {
  unit: 0,
  none: 1,
  tuple: 2,
  u64: 3,
  bool: 4,
  tuples: 5,
  payload: 6,
  versioned: 7,
  texts: 8,
};

export function writeValue(writer: ByteWriter, value: HostValue): void {
  writer.u8(TAG[value.type]);
  switch (value.type) {
    case 'unit':
    case 'none':
      break;
    case 'tuple':
      writeTuple(writer, value.tuple);
      break;
    case 'u64':
      writer.u64(value.value);
      break;
    case 'bool':
      writer.u8(value.value ? 1 : 0);
      break;
    case 'tuples':
      writer.varint(value.tuples.length);
      for (const tuple of value.tuples) writeTuple(writer, tuple);
      break;
    case 'payload':
      writer.bytes(value.payload);
      break;
    case 'versioned':
      writer.bytes(value.payload).u64(value.version);
      break;
    case 'texts':
      writer.varint(value.texts.length);
      for (const text of value.texts) writer.string(text);
      break;
  }
}

/** @throws DATA_LOSS at an unknown tag. */
export function readValue(tag: number, reader: ByteReader): HostValue {
  switch (tag) {
    case TAG.unit:
      return { type: 'unit' };
    case TAG.none:
      return { type: 'none' };
    case TAG.tuple:
      return { type: 'tuple', tuple: readTuple(reader) };
    case TAG.u64:
      return { type: 'u64', value: reader.u64() };
    case TAG.bool:
      return { type: 'bool', value: reader.u8() === 1 };
    case TAG.tuples:
      return { type: 'tuples', tuples: readMany(reader, readTuple) };
    case TAG.payload:
      return { type: 'payload', payload: reader.bytes() };
    case TAG.versioned:
      return { type: 'versioned', payload: reader.bytes(), version: reader.u64() };
    case TAG.texts:
      return { type: 'texts', texts: readMany(reader, (each) => each.string()) };
    default:
      throw new PlexSpacesError('DATA_LOSS', `reply of the host: expected a known tag, found ${tag}`);
  }
}

function readMany<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const many: T[] = [];
  for (let left = reader.varint(); left > 0; left -= 1) many.push(read(reader));
  return many;
}
