/**
 * Clients' tuple operations with an idempotency key: a repeated one gets the recorded answer and does nothing.
 *
 * K1. The record is in the same append as the effect: where there is one, there is the other.
 * K2. A repeat that comes while the first still runs, or waits, joins it; it is cancelled when all have gone.
 * K3. What changed nothing is not recorded: a refusal, or that nothing matched.
 */
import { hash } from 'node:crypto';
import { PlexSpacesError, quote } from '@plexspaces/core';
import type { TupleOperationRecord } from '@plexspaces/proto';
import { hasExpired } from '../store/expired-records.ts';
import type { LogWriter } from '../store/log-writer.ts';
import type { StoreOperation } from '../store/store.ts';
import type { TupleOperationRecords } from '../store/tuple-operation-records.ts';

export type OperationOutcome = NonNullable<TupleOperationRecord['outcome']>;

export interface KeyedRequest {
  readonly space: string;
  readonly key: string;
  /** All that makes it the same operation, in any unambiguous form. */
  readonly content: readonly (string | Uint8Array)[];
  readonly signal: AbortSignal;
}

/** Gives what is appended as one with the effect (K1). */
export type Keep = (outcome: OperationOutcome) => StoreOperation;
/** @param signal aborted when all have gone who wait for it. */
export type Perform = (keep: Keep, signal: AbortSignal) => Promise<OperationOutcome | undefined>;

interface Running {
  readonly digest: Uint8Array;
  readonly outcome: Promise<OperationOutcome | undefined>;
  readonly cancel: AbortController;
  callers: number;
}

/** Longer keys are no names but contents. */
const MAX_KEY_LENGTH = 256;
const KEPT_MS = 86_400_000;

export class KeyedOperations {
  readonly #records: TupleOperationRecords;
  readonly #writer: Pick<LogWriter, 'lsn' | 'stored'>;
  readonly #running = new Map<string, Running>();
  /** Appended, but perhaps not in the store yet. */
  readonly #unstored = new Map<string, TupleOperationRecord>();

  constructor(records: TupleOperationRecords, writer: Pick<LogWriter, 'lsn' | 'stored'>) {
    this.#records = records;
    this.#writer = writer;
  }

  /**
   * @returns what was recorded, or what `perform` gives; undefined: nothing matched.
   * @throws INVALID_ARGUMENT where the key came with another operation; CANCELLED; what `perform` throws.
   */
  async run(request: KeyedRequest, perform: Perform): Promise<OperationOutcome | undefined> {
    const { space, key } = request;
    const digest = digestOf(request.content);
    const id = `${space}\0${expectKey(key)}`;
    let running = this.#running.get(id);
    if (running === undefined) running = this.#start(id, request, digest, perform);
    else expectSame(key, running.digest, digest);
    return this.#join(id, running, request.signal);
  }

  /** K2: one of those who wait for it. */
  #join(id: string, running: Running, signal: AbortSignal): Promise<OperationOutcome | undefined> {
    running.callers += 1;
    return new Promise((resolve, reject) => {
      const cancelled = (): void => {
        running.callers -= 1;
        if (running.callers === 0) this.#cancel(id, running);
        reject(new PlexSpacesError('CANCELLED', 'the caller has cancelled the operation'));
      };
      if (signal.aborted) return cancelled();
      signal.addEventListener('abort', cancelled, { once: true });
      void running.outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancelled));
    });
  }

  /** Whoever comes with the key from here on begins anew. */
  #cancel(id: string, running: Running): void {
    this.#forget(id, running);
    running.cancel.abort();
  }

  #forget(id: string, running: Running): void {
    if (this.#running.get(id) === running) this.#running.delete(id);
  }

  #start(id: string, { space, key }: KeyedRequest, digest: Uint8Array, perform: Perform): Running {
    const cancel = new AbortController();
    const keep: Keep = (outcome) => this.#keep(id, space, { key, digest, outcome });
    const outcome = this.#find(id, space, key, digest).then((recorded) => recorded ?? perform(keep, cancel.signal));
    const running = { digest, outcome, cancel, callers: 0 };
    this.#running.set(id, running);
    const forget = (): void => this.#forget(id, running);
    outcome.then(forget, forget);
    return running;
  }

  async #find(id: string, space: string, key: string, digest: Uint8Array): Promise<OperationOutcome | undefined> {
    const record = this.#unstored.get(id) ?? (await this.#records.get(space, key));
    if (record === undefined || hasExpired(record, new Date())) return undefined;
    expectSame(key, record.requestDigest, digest);
    return record.outcome;
  }

  /** K1 */
  #keep(id: string, space: string, { key, digest, outcome }: Kept): StoreOperation {
    const expiresAt = new Date(Date.now() + KEPT_MS);
    const record: TupleOperationRecord = { key, requestDigest: digest, expiresAt, outcome };
    this.#unstored.set(id, record);
    void this.#forgetWhenStored(id, record);
    return this.#records.put(space, record);
  }

  async #forgetWhenStored(id: string, record: TupleOperationRecord): Promise<void> {
    await Promise.resolve(); // the append comes in this turn
    await this.#writer.stored(this.#writer.lsn).catch(() => undefined); // a writer that failed takes nothing more
    if (this.#unstored.get(id) === record) this.#unstored.delete(id);
  }
}

interface Kept {
  readonly key: string;
  readonly digest: Uint8Array;
  readonly outcome: OperationOutcome;
}

function digestOf(content: KeyedRequest['content']): Uint8Array {
  const parts = content.map((part) => hash('sha256', part, 'buffer'));
  return hash('sha256', Buffer.concat(parts), 'buffer');
}

function expectSame(key: string, first: Uint8Array, found: Uint8Array): void {
  if (Buffer.compare(first, found) === 0) return;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `idempotency key ${quote(key)}: expected the operation that it came with first, found another one`,
  );
}

function expectKey(key: string): string {
  if (key.length <= MAX_KEY_LENGTH && key.isWellFormed()) return key;
  const expected = `Unicode text of at most ${MAX_KEY_LENGTH} characters`;
  throw new PlexSpacesError('INVALID_ARGUMENT', `idempotency_key: expected ${expected}, found ${quote(key)}`);
}
