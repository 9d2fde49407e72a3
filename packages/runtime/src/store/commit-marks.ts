/**
 * Commit marks: each batch of the log ends with one, which names the one before it, so that a batch that the
 * database lost shows at the next start. (LevelDB passes over a damaged record of its log, in the middle of it
 * too, and goes on with what follows.)
 *
 * C1. A mark is in the batch that it closes: both are there, or neither.
 * C2. Marks are kept at least as long as their batch may still be in one of LevelDB's logs.
 *
 * LevelDB has at most two logs at a time. The next one is begun by the batch that finds 4 MiB (its write buffer) in
 * the present one, and only when what the one before held is in tables. A log thus takes at most 4 MiB and one
 * batch; counting a batch as at most 4 MiB, both together are full after 16 MiB. Whatever was written before these
 * is in tables, which LevelDB syncs and whose values have checksums of their own.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { CommitMark } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { markKey, marksFrom, parseMarkKey } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

/** LevelDB's default, which this store does not change. */
const WRITE_BUFFER_BYTES = 4_194_304;
const KEPT_BYTES = 4 * WRITE_BUFFER_BYTES;
/** What a mark itself comes to at the least, key and value. */
const MARK_BYTES = 28;

interface KeptMark {
  readonly lsn: bigint;
  /** At most one write buffer. */
  readonly countedBytes: number;
}

/** Where the log ends, and the marks that are still needed, oldest first. */
export interface LogEnd {
  readonly lsn: bigint;
  /** Of the newest mark; 0: there is none. */
  readonly epoch: bigint;
  readonly marks: readonly KeptMark[];
}

export const EMPTY_LOG: LogEnd = { lsn: 0n, epoch: 0n, marks: [] };

/**
 * Follows the chain of marks to where the log ends.
 * @throws DATA_LOSS naming the LSN that is missing, or the mark that is damaged.
 */
export async function findLogEnd(store: Store): Promise<LogEnd> {
  const newestKey = await store.edgeKey(marksFrom(0n), 'last');
  const newestValue = newestKey === undefined ? undefined : await store.get(newestKey);
  if (newestKey === undefined || newestValue === undefined) return EMPTY_LOG;
  const newest = readMark(newestKey, newestValue);
  const marks: KeptMark[] = [];
  let expected = newest.oldestLsn;
  // Straight from the oldest that is kept: before it lie the traces of all that were deleted.
  for await (const [key, value] of store.range(marksFrom(newest.oldestLsn))) {
    const lsn = parseMarkKey(key);
    const mark = readMark(key, value);
    const before = marks.at(-1)?.lsn;
    if (before === undefined ? lsn !== expected : mark.previousLsn !== before) {
      throw missingBatch(before === undefined ? expected : mark.previousLsn, lsn, mark.epoch);
    }
    expected = lsn;
    marks.push({ lsn, countedBytes: counted(Number(mark.batchBytes)) });
  }
  return { lsn: parseMarkKey(newestKey), epoch: newest.epoch, marks };
}

export class CommitMarks {
  readonly #epoch: bigint;
  /** A queue: what lies before #first is over. */
  #marks: KeptMark[];
  #first = 0;
  #countedBytes = 0;
  #lastLsn: bigint;

  /** @param epoch of this start of the node. */
  constructor(epoch: bigint, end: LogEnd = EMPTY_LOG) {
    this.#epoch = epoch;
    this.#marks = [...end.marks];
    this.#lastLsn = end.lsn;
    for (const { countedBytes } of end.marks) this.#countedBytes += countedBytes;
  }

  get count(): number {
    return this.#marks.length - this.#first;
  }

  /** Adds to a batch of `batchBytes` the mark that closes it, and the deletion of marks that are needed no more. */
  seal(operations: StoreOperation[], lsn: bigint, batchBytes: number): void {
    for (let key = this.#dropOldest(); key !== undefined; key = this.#dropOldest()) {
      operations.push({ type: 'del', key });
    }
    const oldestLsn = this.#marks[this.#first]?.lsn ?? lsn;
    const mark = { epoch: this.#epoch, previousLsn: this.#lastLsn, oldestLsn, batchBytes: BigInt(batchBytes) };
    operations.push({ type: 'put', key: markKey(lsn), value: frameMessage(CommitMark, mark) }); // C1
    const countedBytes = counted(batchBytes);
    this.#marks.push({ lsn, countedBytes });
    this.#countedBytes += countedBytes;
    this.#lastLsn = lsn;
  }

  /** The key of the oldest mark, where enough was written behind it (C2). */
  #dropOldest(): string | undefined {
    const oldest = this.#marks[this.#first];
    if (oldest === undefined || this.#countedBytes - oldest.countedBytes < KEPT_BYTES) return undefined;
    this.#countedBytes -= oldest.countedBytes;
    this.#first += 1;
    if (this.#first * 2 > this.#marks.length) {
      this.#marks = this.#marks.slice(this.#first);
      this.#first = 0;
    }
    return markKey(oldest.lsn);
  }
}

function counted(batchBytes: number): number {
  return Math.min(batchBytes + MARK_BYTES, WRITE_BUFFER_BYTES);
}

function readMark(key: string, value: Uint8Array): CommitMark {
  return CommitMark.decode(unframe(key, value));
}

function missingBatch(expected: bigint, found: bigint, epoch: bigint): PlexSpacesError {
  return new PlexSpacesError(
    'DATA_LOSS',
    `the log has a gap: expected the batch that ends with LSN ${expected}, found next the one that ends with ` +
      `LSN ${found} of epoch ${epoch}`,
  );
}
