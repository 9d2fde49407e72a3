/**
 * The one writer of the node's store, and the output gate.
 *
 * Callers append operations and get a log sequence number (LSN) at once; batches reach the disk in the
 * order of the appends, each synced. Whoever sends something out of the process first waits until the
 * LSN it depends on is synced.
 *
 * W1. Exactly one batch is in flight: two could be reordered by the thread pool.
 * W2. The operations of one append are in one batch.
 * W3. After a failed batch nothing more is accepted, and everything that waits fails.
 *
 * Group commit as in DeWitt et al., "Implementation Techniques for Main Memory Database Systems" (1984):
 * what arrives while a sync runs goes into the next one.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { Store, StoreOperation } from './store.ts';

export interface LogWriterOptions {
  /** Unwritten bytes past which new work is refused; what is under way may pass it. */
  readonly maxPendingBytes?: number;
}

interface Waiter {
  readonly lsn: bigint;
  readonly resolve: () => void;
  readonly reject: (error: PlexSpacesError) => void;
}

const DEFAULT_MAX_PENDING_BYTES = 67_108_864;

export class LogWriter {
  readonly #store: Store;
  readonly #maxPendingBytes: number;
  #lastLsn = 0n;
  #syncedLsn = 0n;
  #pending: StoreOperation[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  #waiters: Waiter[] = [];
  #failure: PlexSpacesError | undefined;

  constructor(store: Store, options: LogWriterOptions = {}) {
    this.#store = store;
    this.#maxPendingBytes = options.maxPendingBytes ?? DEFAULT_MAX_PENDING_BYTES;
  }

  /** The newest LSN: what a reply that saw the present state depends on. */
  get lsn(): bigint {
    return this.#lastLsn;
  }

  /** @throws UNAVAILABLE after a failed write, RESOURCE_EXHAUSTED while too much is unwritten. */
  expectRoom(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pendingBytes <= this.#maxPendingBytes) return;
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `storage: expected at most ${this.#maxPendingBytes} bytes waiting to be written, found ${this.#pendingBytes}`,
    );
  }

  /** @returns the LSN to wait for. @throws UNAVAILABLE after a failed write (W3). */
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

  /** Resolves when everything up to `lsn` survives power loss. */
  synced(lsn: bigint): Promise<void> {
    if (lsn <= this.#syncedLsn) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#waiters.push({ lsn, resolve, reject }));
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    // One turn of the event loop later, so that appends of the same turn share the first batch.
    await Promise.resolve();
    while (this.#pending.length > 0 && this.#failure === undefined) await this.#writeBatch(); // W1
    this.#writing = undefined;
  }

  async #writeBatch(): Promise<void> {
    const operations = this.#pending;
    const bytes = this.#pendingBytes;
    const lsn = this.#lastLsn;
    this.#pending = [];
    try {
      await this.#store.batch(operations, { sync: true });
      this.#pendingBytes -= bytes;
      this.#settle(lsn);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #settle(lsn: bigint): void {
    this.#syncedLsn = lsn;
    const done = this.#waiters.filter((waiter) => waiter.lsn <= lsn);
    this.#waiters = this.#waiters.filter((waiter) => waiter.lsn > lsn);
    for (const waiter of done) waiter.resolve();
  }

  #fail(cause: unknown): void {
    const text = cause instanceof Error ? cause.message : String(cause);
    const failure = new PlexSpacesError('UNAVAILABLE', `storage failed, the node takes no more work: ${text}`, {
      cause,
    });
    this.#failure = failure; // W3
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(failure);
  }
}

function sizeOf(operation: StoreOperation): number {
  return operation.key.length + (operation.type === 'put' ? operation.value.length : 0);
}
