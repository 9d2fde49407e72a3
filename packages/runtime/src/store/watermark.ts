/**
 * The watermark: a small file that says up to which LSN the log was synced, written after each sync and before
 * anything that depends on it leaves the process. A start that finds less in the log has lost something.
 *
 * It is not synced itself: the page cache outlives the process, and after a power loss an older one is right, too.
 *
 *     0 "PXWM" | 4 version | 8 epoch | 16 LSN | 24 crc32 of the 24 bytes before; little-endian
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { PlexSpacesError } from '@plexspaces/core';

const MAGIC = 0x4d_57_58_50;
const VERSION = 1;
const CRC_OFFSET = 24;
const FILE_BYTES = 28;

export interface WatermarkValue {
  readonly epoch: bigint;
  readonly lsn: bigint;
}

/** Undefined: there is none, or a power loss left only zeros of it. @throws DATA_LOSS naming a damaged file. */
export async function readWatermark(path: string): Promise<WatermarkValue | undefined> {
  const bytes = await readIfThere(path);
  if (bytes === undefined || bytes.every((byte) => byte === 0)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWhole =
    bytes.length === FILE_BYTES &&
    view.getUint32(0, true) === MAGIC &&
    view.getUint32(4, true) === VERSION &&
    view.getUint32(CRC_OFFSET, true) === crc32(bytes.subarray(0, CRC_OFFSET));
  if (isWhole) return { epoch: view.getBigUint64(8, true), lsn: view.getBigUint64(16, true) };
  throw new PlexSpacesError(
    'DATA_LOSS',
    `${path} is damaged: expected ${FILE_BYTES} bytes with their checksum, found ${bytes.length} bytes. Where it is ` +
      `removed the node starts without knowing whether the end of its log is still there`,
  );
}

export class WatermarkFile implements Disposable {
  readonly path: string;
  readonly #descriptor: number;
  readonly #bytes = new Uint8Array(FILE_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #isOpen = true;

  /** @param epoch of this start. The file is made where it is missing; nothing is written yet. */
  constructor(path: string, epoch: bigint) {
    this.path = path;
    this.#descriptor = openDescriptor(path);
    this.#view.setUint32(0, MAGIC, true);
    this.#view.setUint32(4, VERSION, true);
    this.#view.setBigUint64(8, epoch, true);
  }

  /** In one write of some microseconds into the page cache, which no other thread needs to do. */
  write(lsn: bigint): void {
    this.#view.setBigUint64(16, lsn, true);
    this.#view.setUint32(CRC_OFFSET, crc32(this.#bytes.subarray(0, CRC_OFFSET)), true);
    writeSync(this.#descriptor, this.#bytes, 0, FILE_BYTES, 0);
  }

  [Symbol.dispose](): void {
    if (this.#isOpen) closeSync(this.#descriptor);
    this.#isOpen = false;
  }
}

/** For writing in place: what it says now stays until the first write. */
function openDescriptor(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    return openSync(path, 'wx+', 0o600);
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
