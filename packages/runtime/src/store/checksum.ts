/**
 * The frame of every stored record: crc32 of the body (4 bytes, little-endian), then the body. LevelDB
 * skips damaged log records without a word, so that a record must be able to tell by itself.
 */
import { crc32 } from 'node:zlib';
import { PlexSpacesError } from '@plexspaces/core';

const CRC_BYTES = 4;

export function frame(body: Uint8Array): Uint8Array {
  const framed = new Uint8Array(CRC_BYTES + body.length);
  new DataView(framed.buffer).setUint32(0, crc32(body), true);
  framed.set(body, CRC_BYTES);
  return framed;
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
