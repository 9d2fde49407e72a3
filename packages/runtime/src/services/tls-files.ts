/** The files of `--tls-cert`, `--tls-key` and `--tls-ca`: read once, when the node starts. */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { PlexSpacesError } from '@plexspaces/core';

export interface TlsPaths {
  readonly cert: string;
  readonly key: string;
  /** The authority that signs callers' certificates; undefined: none is asked for. */
  readonly ca?: string | undefined;
}

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

/** @throws NOT_FOUND naming the file, INVALID_ARGUMENT where they do not fit each other. */
export async function readTls(paths: TlsPaths): Promise<TlsFiles> {
  const [cert, key] = await Promise.all([read('tls-cert', paths.cert), read('tls-key', paths.key)]);
  const ca = paths.ca === undefined ? undefined : await read('tls-ca', paths.ca);
  const files = { cert, key, ...(ca && { ca }) };
  try {
    createSecureContext(files);
    return files;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const expected = 'expected a certificate, its key and an authority in PEM';
    throw new PlexSpacesError('INVALID_ARGUMENT', `tls: ${expected}, found what does not fit: ${message}`, { cause });
  }
}

async function read(what: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('NOT_FOUND', `${what}: ${message}`, { cause });
  }
}
