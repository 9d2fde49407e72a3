/**
 * The frame of every stored record: crc32 of the body (4 bytes, little-endian), then the body. LevelDB
 * skips damaged log records without a word, so that a record must be able to tell by itself.
 */
import { crc32 } from 'node:zlib';
import { PlexSpacesError } from '@plexspaces/core';
import { BinaryWriter } from '@plexspaces/proto';

const CRC_BYTES = 4;
/** A writer that a larger record has grown past this is not kept. */
const MAX_KEPT_BYTES = 65_536;

/** What protobuf's messages have in their generated code. */
export interface Codec<T> {
  encode(message: T, writer: BinaryWriter): BinaryWriter;
}

let writer = new BinaryWriter();

/** The record of a message. Its bytes are written once: records are made in the node's busiest path. */
export function frameMessage<T>(codec: Codec<T>, message: T): Uint8Array {
  const framed = encode(codec, message);
  const body = framed.subarray(CRC_BYTES);
  new DataView(framed.buffer, framed.byteOffset).setUint32(0, crc32(body), true);
  if (framed.length > MAX_KEPT_BYTES) writer = new BinaryWriter();
  return framed;
}

export function frame(body: Uint8Array): Uint8Array {
  const framed = new Uint8Array(CRC_BYTES + body.length);
  new DataView(framed.buffer).setUint32(0, crc32(body), true);
  framed.set(body, CRC_BYTES);
  return framed;
}

function encode<T>(codec: Codec<T>, message: T): Uint8Array {
  try {
    return codec.encode(message, writer.fixed32(0)).finish();
  } catch (thrown) {
    writer = new BinaryWriter(); // half of a message is in it
    throw thrown;
  }
}

/** @throws DATA_LOSS naming the key where the checksum does not fit. */
export function unframe(key: string, framed: Uint8Array): Uint8Array {
  const body = framed.subarray(CRC_BYTES);
  const view = new DataView(framed.buffer, framed.byteOffset, framed.byteLength);
  if (framed.length >= CRC_BYTES && view.getUint32(0, true) === crc32(body)) return body;
  throw new PlexSpacesError(
    'DATA_LOSS',
    `record ${JSON.stringify(key)}: the checksum does not fit its ${body.length} bytes`,
  );
}
