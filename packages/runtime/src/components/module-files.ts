/** The components themselves, `modules/<sha256>.wasm`: taken in whole or not at all, checked on the way. */
import { createHash } from 'node:crypto';
import { open, readdir, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { parseModuleHash, PlexSpacesError } from '@plexspaces/core';
import {
  fromFileError,
  hashFile,
  isMissing,
  moveDurably,
  sha256,
  temporaryPath,
  writeDurably,
} from './content-files.ts';
import { throwIfAborted } from './single-flight.ts';
import type { StorePaths } from './store-paths.ts';

export interface ExpectedUpload {
  readonly hash: string;
  readonly sizeBytes: number;
}

const MODULE_FILE = /^([0-9a-f]{64})\.wasm$/;

export class ModuleFiles {
  readonly #paths: StorePaths;
  readonly #limitBytes: number;

  constructor(paths: StorePaths, limitBytes: number) {
    this.#paths = paths;
    this.#limitBytes = limitBytes;
  }

  async holds(hash: string): Promise<boolean> {
    const found = await stat(this.#paths.module(parseModuleHash(hash))).catch(() => undefined);
    return found?.isFile() === true;
  }

  /** Whether the module is there and whole: who is told so will not send it again. */
  async has(hash: string): Promise<boolean> {
    return (await hashFile(this.#paths.module(parseModuleHash(hash)))) === hash;
  }

  /** @throws NOT_FOUND where there is none, DATA_LOSS naming the file where it is damaged. */
  async verify(hash: string): Promise<string> {
    const path = this.#paths.module(hash);
    const found = await hashFile(path);
    if (found === hash) return path;
    if (found === undefined) throw notStored(hash);
    throw new PlexSpacesError(
      'DATA_LOSS',
      `${path} is damaged: expected hash ${hash}, found ${found}; upload it again`,
    );
  }

  /** How it begins, unchecked: at most `lengthBytes`. @throws NOT_FOUND. */
  async readHead(hash: string, lengthBytes: number): Promise<Uint8Array> {
    const file = await open(this.#paths.module(hash), 'r').catch((cause: unknown) => {
      throw isMissing(cause) ? notStored(hash) : cause;
    });
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(lengthBytes), 0, lengthBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async put(bytes: Uint8Array, expectedHash?: string): Promise<string> {
    this.#expectAllowedSize(bytes.length);
    const hash = sha256(bytes);
    expectHash(expectedHash === undefined ? hash : parseModuleHash(expectedHash), hash);
    if (!(await this.has(hash))) await writeDurably(this.#paths.module(hash), bytes, this.#paths.temporary);
    return hash;
  }

  /** Streams to a temporary file, which gets its name only when size and hash are the announced ones. */
  async upload(expected: ExpectedUpload, chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<string> {
    const hash = parseModuleHash(expected.hash);
    this.#expectAllowedSize(expected.sizeBytes);
    throwIfAborted(signal);
    const temporary = temporaryPath(this.#paths.temporary);
    try {
      const found = await receive(temporary, expected.sizeBytes, chunks, signal);
      expectHash(hash, found);
      await moveDurably(temporary, this.#paths.module(hash));
      return hash;
    } catch (error) {
      await rm(temporary, { force: true });
      throw fromFileError(error);
    }
  }

  async remove(hash: string): Promise<void> {
    await rm(this.#paths.module(hash), { force: true });
  }

  async list(): Promise<string[]> {
    const files = await readdir(this.#paths.modules);
    return files.flatMap((file) => MODULE_FILE.exec(file)?.[1] ?? []).toSorted();
  }

  #expectAllowedSize(sizeBytes: number): void {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
      throw new PlexSpacesError('INVALID_ARGUMENT', `component size: expected a number of bytes, found ${sizeBytes}`);
    }
    if (sizeBytes <= this.#limitBytes) return;
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `the component is ${sizeBytes} bytes, the limit is ${this.#limitBytes}`,
    );
  }
}

async function receive(
  path: string,
  sizeBytes: number,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const file = await open(path, 'wx', 0o600);
  try {
    return await writeChunks(file, sizeBytes, chunks, signal);
  } finally {
    await file.close();
  }
}

/** Stops at the first byte too many; what the stream says of its size beforehand is not believed. */
async function writeChunks(
  file: FileHandle,
  sizeBytes: number,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of chunks) {
    throwIfAborted(signal);
    received += chunk.length;
    if (received > sizeBytes) throw wrongSize(sizeBytes, `at least ${received}`);
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  throwIfAborted(signal);
  if (received !== sizeBytes) throw wrongSize(sizeBytes, String(received));
  return hash.digest('hex');
}

function wrongSize(expected: number, found: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `upload: expected ${expected} bytes as announced, found ${found}`);
}

function notStored(hash: string): PlexSpacesError {
  return new PlexSpacesError('NOT_FOUND', `no component with hash ${hash} in the store`);
}

function expectHash(expected: string, found: string): void {
  if (expected === found) return;
  throw new PlexSpacesError('INVALID_ARGUMENT', `component: expected hash ${expected}, found ${found}`, {
    reason: 'HASH_MISMATCH',
    details: { expected, found },
  });
}
