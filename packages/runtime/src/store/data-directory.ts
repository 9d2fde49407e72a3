/**
 * The data directory as a whole: who may open it, its format and its epoch.
 *
 *     db/           LevelDB: applications, tuples, journals
 *     components/   components and what is made of them (components/component-store.ts)
 *     compiled/     what threads compiled of JavaScript; made again where it is missing
 */
import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { frame, unframe } from './checksum.ts';
import { EPOCH_KEY, FORMAT_KEY } from './key-layout.ts';
import { LevelStore } from './level-store.ts';
import type { Store } from './store.ts';

/** Raised by a change that an older node would misread. */
const FORMAT = 1n;

export interface OpenedStore {
  readonly store: Store;
  /** One more at each start; records carry it. */
  readonly epoch: bigint;
}

export interface DataDirectory extends OpenedStore {
  readonly componentsDirectory: string;
  readonly compileCacheDirectory: string;
}

export interface DataDirectoryOptions {
  /** For tests only: what is put between the node and its store. */
  readonly decorateStore?: ((store: Store) => Store) | undefined;
}

/** @throws FAILED_PRECONDITION where another process owns it, PERMISSION_DENIED where it cannot be made or read. */
export async function openDataDirectory(path: string, options: DataDirectoryOptions = {}): Promise<DataDirectory> {
  const directory = resolve(path);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('PERMISSION_DENIED', `data directory ${directory}: ${text}`, { cause });
  }
  const database = await LevelStore.open(join(directory, 'db'));
  const opened = await openStore(options.decorateStore?.(database) ?? database);
  return {
    ...opened,
    componentsDirectory: join(directory, 'components'),
    compileCacheDirectory: join(directory, 'compiled'),
  };
}

/** Checks the format and begins a new epoch. The store is closed where that fails. */
export async function openStore(store: Store): Promise<OpenedStore> {
  try {
    return { store, epoch: await beginEpoch(store) };
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
}

async function beginEpoch(store: Store): Promise<bigint> {
  const format = (await readNumber(store, FORMAT_KEY)) ?? FORMAT;
  if (format !== FORMAT) {
    throw new PlexSpacesError('FAILED_PRECONDITION', `data format: expected ${FORMAT}, found ${format}`);
  }
  const epoch = ((await readNumber(store, EPOCH_KEY)) ?? 0n) + 1n;
  const facts = [
    { type: 'put', key: FORMAT_KEY, value: numberRecord(FORMAT) },
    { type: 'put', key: EPOCH_KEY, value: numberRecord(epoch) },
  ] as const;
  await store.batch(facts, { sync: true });
  return epoch;
}

async function readNumber(store: Store, key: string): Promise<bigint | undefined> {
  const value = await store.get(key);
  return value === undefined ? undefined : BigInt(new TextDecoder().decode(unframe(key, value)));
}

function numberRecord(value: bigint): Uint8Array {
  return frame(new TextEncoder().encode(value.toString()));
}
