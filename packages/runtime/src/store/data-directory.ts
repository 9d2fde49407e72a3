/**
 * The data directory as a whole: who may open it, its format, its epoch, and whether its log is all there.
 *
 *     db/           LevelDB: applications, tuples, journals
 *     watermark     up to where the log was synced (watermark.ts)
 *     components/   components and what is made of them (components/component-store.ts)
 *     compiled/     what threads compiled of JavaScript; made again where it is missing
 *
 * F1. Nothing is written before format, chain of marks and watermark were found to fit.
 */
import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import type { Logger } from 'pino';
import { frame, unframe } from './checksum.ts';
import { CommitMarks, findLogEnd } from './commit-marks.ts';
import type { LogEnd } from './commit-marks.ts';
import { EPOCH_KEY, FORMAT_KEY } from './key-layout.ts';
import { LevelStore } from './level-store.ts';
import { LogWriter } from './log-writer.ts';
import type { LogWriterOptions } from './log-writer.ts';
import { textOf } from './storage-failure.ts';
import type { Store, StoreOperation } from './store.ts';
import { readWatermark, WatermarkFile } from './watermark.ts';
import type { WatermarkValue } from './watermark.ts';

/**
 * Raised by a change that an older node would misread.
 * 1: applications, tuples, actors. 2: tuples that expire, inboxes, timers, subscriptions, shared state.
 */
const FORMAT = 2n;
/** What this node reads, and goes on with as its own. */
const READABLE_FORMATS: readonly bigint[] = [1n, FORMAT];

export interface DataPaths {
  readonly directory: string;
  readonly database: string;
  readonly watermark: string;
  readonly components: string;
  readonly compileCache: string;
}

export interface DataDirectory extends AsyncDisposable {
  readonly paths: DataPaths;
  readonly store: Store;
  readonly writer: LogWriter;
  /** One more at each opening; records carry it. */
  readonly epoch: bigint;
}

export interface DataDirectoryOptions extends Pick<
  LogWriterOptions,
  'sync' | 'syncIntervalMs' | 'unsafeGoOnAfterFailure'
> {
  readonly logger?: Logger | undefined;
  /** For tests only: what is put between the node and its store. */
  readonly decorateStore?: ((store: Store) => Store) | undefined;
}

export interface StoredFacts {
  readonly format: bigint | undefined;
  readonly epoch: bigint;
  readonly end: LogEnd;
}

/**
 * @throws FAILED_PRECONDITION where another process owns it, PERMISSION_DENIED where it cannot be made or read,
 * DATA_LOSS naming file and LSN where something is missing that was there, RESOURCE_EXHAUSTED on a full disk.
 */
export async function openDataDirectory(path: string, options: DataDirectoryOptions = {}): Promise<DataDirectory> {
  const paths = pathsIn(path);
  await ownDirectory(paths.directory);
  const mark = await readWatermark(paths.watermark);
  const database = await LevelStore.open(paths.database, { createIfMissing: mark === undefined });
  const store = options.decorateStore?.(database) ?? database;
  try {
    return await openLog(paths, store, mark, options);
  } catch (thrown) {
    await store.close();
    throw inDatabase(paths, thrown);
  }
}

/** What is lost or damaged is told with the database that it should be in. */
export function inDatabase({ database }: DataPaths, thrown: unknown): unknown {
  const isNamed = !(thrown instanceof PlexSpacesError) || thrown.message.includes(database);
  if (isNamed || thrown.code !== 'DATA_LOSS') return thrown;
  return new PlexSpacesError(thrown.code, `${database}: ${thrown.message}`, { cause: thrown });
}

export function pathsIn(path: string): DataPaths {
  const directory = resolve(path);
  return {
    directory,
    database: join(directory, 'db'),
    watermark: join(directory, 'watermark'),
    components: join(directory, 'components'),
    compileCache: join(directory, 'compiled'),
  };
}

/** Reads what a start must find whole. @throws FAILED_PRECONDITION at another format, DATA_LOSS. */
export async function readFacts(store: Store): Promise<StoredFacts> {
  const format = await readNumber(store, FORMAT_KEY);
  if (format !== undefined && !READABLE_FORMATS.includes(format)) {
    throw new PlexSpacesError('FAILED_PRECONDITION', `data format: expected at most ${FORMAT}, found ${format}`);
  }
  return { format, epoch: (await readNumber(store, EPOCH_KEY)) ?? 0n, end: await findLogEnd(store) };
}

/** @throws DATA_LOSS where the log ends before the watermark. */
export function expectReached(paths: DataPaths, mark: WatermarkValue, end: LogEnd): void {
  if (end.lsn >= mark.lsn && end.epoch >= mark.epoch) return;
  throw new PlexSpacesError(
    'DATA_LOSS',
    `${paths.database}: expected the log to reach LSN ${mark.lsn} of epoch ${mark.epoch}, up to which ` +
      `${paths.watermark} says it was synced, found its end at LSN ${end.lsn} of epoch ${end.epoch}`,
  );
}

async function ownDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
  } catch (cause) {
    throw new PlexSpacesError('PERMISSION_DENIED', `data directory ${directory}: ${textOf(cause)}`, { cause });
  }
}

async function openLog(
  paths: DataPaths,
  store: Store,
  mark: WatermarkValue | undefined,
  options: DataDirectoryOptions,
): Promise<DataDirectory> {
  const facts = await readFacts(store);
  const { end } = facts;
  if (mark !== undefined) expectReached(paths, mark, end); // F1
  else if (end.lsn > 0n) options.logger?.warn({ file: paths.watermark }, 'no watermark: the end of the log is unknown');
  const epoch = facts.epoch + 1n;
  const watermark = new WatermarkFile(paths.watermark, epoch);
  const { sync, syncIntervalMs, unsafeGoOnAfterFailure = false } = options;
  const log = { startLsn: end.lsn, marks: new CommitMarks(epoch, end), watermark };
  const writer = new LogWriter(store, { ...log, sync, syncIntervalMs, unsafeGoOnAfterFailure });
  try {
    await writer.stored(writer.append(epochFacts(epoch)));
  } catch (thrown) {
    watermark[Symbol.dispose]();
    throw thrown;
  }
  const close = async (): Promise<void> => {
    await writer.close();
    watermark[Symbol.dispose]();
    await store.close();
  };
  return { paths, store, writer, epoch, [Symbol.asyncDispose]: close };
}

function epochFacts(epoch: bigint): StoreOperation[] {
  return [
    { type: 'put', key: FORMAT_KEY, value: numberRecord(FORMAT) },
    { type: 'put', key: EPOCH_KEY, value: numberRecord(epoch) },
  ];
}

async function readNumber(store: Store, key: string): Promise<bigint | undefined> {
  const value = await store.get(key);
  return value === undefined ? undefined : BigInt(new TextDecoder().decode(unframe(key, value)));
}

function numberRecord(value: bigint): Uint8Array {
  return frame(new TextEncoder().encode(value.toString()));
}
