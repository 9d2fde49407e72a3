/**
 * The one writer of the node's store.
 *
 * Callers append operations and get a log sequence number (LSN) at once; batches reach the store in the order
 * of the appends. Readers of the store wait until an LSN is stored; whoever sends something out of the process
 * waits until what it depends on is synced.
 *
 * W1. Exactly one batch is in flight: two could be reordered by the thread pool.
 * W2. The operations of one append are in one batch.
 * W3. After a failed batch nothing more is accepted, and everything that waits fails. LevelDB 1.20 would go on
 *     acknowledging writes that the next opening does not find.
 * W4. The watermark is written after each sync, before anybody learns of it.
 *
 * Group commit as in DeWitt et al., "Implementation Techniques for Main Memory Database Systems" (1984):
 * what arrives while a sync runs goes into the next one. Who waits for the same batch shares one promise.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { Histogram } from '../histogram.ts';
import type { CommitMarks } from './commit-marks.ts';
import { storageFailure } from './storage-failure.ts';
import type { Store, StoreOperation } from './store.ts';
import { resolveSync } from './sync-mode.ts';
import type { ResolvedSync, SyncOptions } from './sync-mode.ts';
import type { WatermarkFile } from './watermark.ts';

/** What was written, batch by batch. */
export interface LogFigures {
  readonly batchOperations: Histogram;
  readonly batchBytes: Histogram;
  /** From the beginning of a write to its end, its sync included where it has one. */
  readonly writeSeconds: Histogram;
}

export interface LogWriterOptions extends SyncOptions {
  /** Unwritten bytes past which new work is refused; what is under way may pass it. */
  readonly maxPendingBytes?: number;
  /** Where the log ends; default 0: it is empty. */
  readonly startLsn?: bigint;
  /** Closes each batch with a mark; default: batches have none. */
  readonly marks?: CommitMarks;
  /** Default: none is kept. */
  readonly watermark?: Pick<WatermarkFile, 'write'>;
  /** For negative controls in tests only: goes on with the same store behind a failed batch. */
  readonly unsafeGoOnAfterFailure?: boolean;
}

const DEFAULT_MAX_PENDING_BYTES = 67_108_864;
const DONE = Promise.resolve();
const OPERATION_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000];
const BYTE_BUCKETS = [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];

export class LogWriter {
  readonly figures: LogFigures = {
    batchOperations: new Histogram(OPERATION_BUCKETS),
    batchBytes: new Histogram(BYTE_BUCKETS),
    writeSeconds: new Histogram(),
  };
  readonly #store: Store;
  readonly #options: LogWriterOptions;
  readonly #sync: ResolvedSync;
  readonly #maxPendingBytes: number;
  readonly #failed = Promise.withResolvers<PlexSpacesError>();
  #failure: PlexSpacesError | undefined;
  #lastLsn: bigint;
  #writingLsn: bigint;
  #storedLsn: bigint;
  #syncedLsn: bigint;
  #pending: StoreOperation[] = [];
  /** Of the batch in flight as well. */
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  /** Who waits for the batch in flight, and for the one behind it. */
  #waiting: PromiseWithResolvers<void> | undefined;
  #waitingForNext: PromiseWithResolvers<void> | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  #isSyncDue = false;

  constructor(store: Store, options: LogWriterOptions = {}) {
    this.#store = store;
    this.#options = options;
    this.#sync = resolveSync(options);
    this.#maxPendingBytes = options.maxPendingBytes ?? DEFAULT_MAX_PENDING_BYTES;
    this.#lastLsn = options.startLsn ?? 0n;
    this.#writingLsn = this.#lastLsn;
    this.#storedLsn = this.#lastLsn;
    this.#syncedLsn = this.#lastLsn;
  }

  /** The newest LSN: what a reply that saw the present state depends on. */
  get lsn(): bigint {
    return this.#lastLsn;
  }

  /** Resolves at a failed batch, with what callers get from then on. */
  get failed(): Promise<PlexSpacesError> {
    return this.#failed.promise;
  }

  /** @throws what a failed write left (W3), RESOURCE_EXHAUSTED while too much is unwritten. */
  expectRoom(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pendingBytes <= this.#maxPendingBytes) return;
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `storage: expected at most ${this.#maxPendingBytes} bytes waiting to be written, found ${this.#pendingBytes}`,
    );
  }

  /** @returns the LSN to wait for. @throws what a failed write left (W3). */
  append(operations: readonly StoreOperation[]): bigint {
    if (this.#failure !== undefined) throw this.#failure;
    if (operations.length === 0) return this.#lastLsn;
    // One by one: a spread of what a long journal's purge brings would overflow the stack.
    for (const operation of operations) {
      this.#pending.push(operation); // W2
      this.#pendingBytes += sizeOf(operation);
    }
    this.#lastLsn += 1n;
    this.#writing ??= this.#drain();
    return this.#lastLsn;
  }

  /** Resolves when everything up to `lsn` can be read from the store. */
  stored(lsn: bigint): Promise<void> {
    if (lsn <= this.#storedLsn) return DONE;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (lsn <= this.#writingLsn) return (this.#waiting ??= Promise.withResolvers()).promise;
    return (this.#waitingForNext ??= Promise.withResolvers()).promise;
  }

  /** Resolves when what depends on `lsn` may leave the process: after its sync, or at once where none is waited for. */
  synced(lsn: bigint): Promise<void> {
    if (this.#sync.mode === 'always') return this.stored(lsn); // each batch is synced
    return this.#failure === undefined || lsn <= this.#storedLsn ? DONE : Promise.reject(this.#failure);
  }

  /** Waits for what is under way, and syncs in every mode. */
  async close(): Promise<void> {
    clearTimeout(this.#syncTimer);
    if (this.#lastLsn > this.#syncedLsn) this.#syncNow();
    await this.#writing;
  }

  #syncNow(): void {
    this.#isSyncDue = true;
    this.#writing ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // Behind what is ready in this turn of the event loop, so that it shares the batch and its sync.
    await nextTurn();
    let waiting: PromiseWithResolvers<void> | undefined;
    while (this.#hasWork) {
      const written = this.#writeBatch(); // W1
      waiting?.resolve(); // who waited for the batch before goes on while the disk has this one
      waiting = await written;
    }
    waiting?.resolve();
    this.#writing = undefined;
  }

  get #hasWork(): boolean {
    return (this.#pending.length > 0 || this.#isSyncDue) && this.#failure === undefined;
  }

  /** @returns who waits for it and is to be told; undefined: nobody, or it failed, and they were told. */
  async #writeBatch(): Promise<PromiseWithResolvers<void> | undefined> {
    const sync = this.#sync.mode === 'always' || this.#isSyncDue;
    if (this.#pending.length === 0) this.#lastLsn += 1n; // a sync alone is a batch of its mark
    const operations = this.#pending;
    const bytes = this.#pendingBytes;
    const lsn = this.#lastLsn;
    this.#pending = [];
    this.#isSyncDue = false;
    this.#writingLsn = lsn;
    this.#waiting = this.#waitingForNext;
    this.#waitingForNext = undefined;
    this.#options.marks?.seal(operations, lsn, bytes);
    this.figures.batchOperations.observe(operations.length);
    this.figures.batchBytes.observe(bytes);
    const startedAt = performance.now();
    try {
      await this.#store.batch(operations, { sync });
      this.figures.writeSeconds.observeSince(startedAt);
      if (sync) this.#options.watermark?.write(lsn); // W4
    } catch (cause) {
      this.#fail(cause);
    }
    this.#pendingBytes -= bytes;
    return this.#failure === undefined ? this.#settle(lsn, sync) : undefined;
  }

  /** From here on nobody waits for it any more. */
  #settle(lsn: bigint, sync: boolean): PromiseWithResolvers<void> | undefined {
    this.#storedLsn = lsn;
    if (sync) this.#syncedLsn = lsn;
    else if (this.#sync.mode === 'interval') this.#syncLater(this.#sync.intervalMs);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #syncLater(intervalMs: number): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      if (this.#syncedLsn < this.#storedLsn) this.#syncNow();
    }, intervalMs);
  }

  #fail(cause: unknown): void {
    const failure = storageFailure(cause);
    if (this.#options.unsafeGoOnAfterFailure !== true) {
      this.#failure = failure; // W3
      clearTimeout(this.#syncTimer);
      this.#waitingForNext?.reject(failure);
      this.#failed.resolve(failure);
    }
    this.#waiting?.reject(failure);
    this.#waiting = undefined;
  }
}

function sizeOf(operation: StoreOperation): number {
  return operation.key.length + (operation.type === 'put' ? operation.value.length : 0);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
