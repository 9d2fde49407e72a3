/**
 * A ring of records in shared memory: one side writes, the other one reads, in the same order, without a lock.
 *
 * Two cells count the bytes that were ever written and read; their difference is what lies in the ring. A record is
 * whole in one piece and begins with its length; one that does not fit behind the last begins at the front again, with
 * SKIP in its place.
 *
 * R1. The writer moves `written` behind a record's last byte, the reader `read` behind its last look: neither is seen by
 *     the other one half-done, since Atomics operations are sequentially consistent.
 * R2. The writer writes nothing where what was not read lies: a full ring refuses, it never waits.
 */
import { RING_BYTES } from './layout.ts';
import type { RingPlace } from './layout.ts';

type Cells = Int32Array<SharedArrayBuffer>;

/** Where records begin and end, so that numbers in them may have eight bytes. */
const ALIGNMENT = 8;
const SKIP = -1;
const MASK = RING_BYTES - 1;
/** A ring of records that are no larger than this refuses none for good. */
export const MAX_RECORD_BYTES: number = RING_BYTES / 4;

/** The ring's bytes, three times; places are told in bytes from the ring's beginning. */
class RingViews {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly ints: Cells;
  readonly longs: BigUint64Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer, { firstByte }: RingPlace) {
    this.bytes = new Uint8Array(buffer, firstByte, RING_BYTES);
    this.ints = new Int32Array(buffer, firstByte, RING_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.longs = new BigUint64Array(buffer, firstByte, RING_BYTES / BigUint64Array.BYTES_PER_ELEMENT);
  }
}

export class RingWriter extends RingViews {
  readonly #cells: Cells;
  readonly #place: RingPlace;
  #written: number;

  constructor(buffer: SharedArrayBuffer, cells: Cells, place: RingPlace) {
    super(buffer, place);
    this.#cells = cells;
    this.#place = place;
    this.#written = Atomics.load(cells, place.writtenCell);
  }

  /**
   * Where a record of this many bytes, its length among them, is to be written; undefined: the ring is full (R2).
   * The length is written already. To be followed by `publish`, or by nothing.
   */
  reserve(length: number): number | undefined {
    const size = aligned(length);
    const at = this.#written & MASK;
    const skipped = at + size > RING_BYTES ? RING_BYTES - at : 0;
    const used = (this.#written - Atomics.load(this.#cells, this.#place.readCell)) | 0;
    if (used + skipped + size > RING_BYTES) return undefined;
    if (skipped > 0) {
      this.ints[at >> 2] = SKIP;
      this.#written = (this.#written + skipped) | 0; // nobody sees it before the record behind it
    }
    const start = this.#written & MASK;
    this.ints[start >> 2] = length;
    return start;
  }

  /** The record that was reserved last is whole (R1). */
  publish(): void {
    const length = this.ints[(this.#written & MASK) >> 2] ?? 0;
    this.#written = (this.#written + aligned(length)) | 0;
    Atomics.store(this.#cells, this.#place.writtenCell, this.#written);
  }
}

export class RingReader extends RingViews {
  readonly #cells: Cells;
  readonly #place: RingPlace;
  #read: number;

  constructor(buffer: SharedArrayBuffer, cells: Cells, place: RingPlace) {
    super(buffer, place);
    this.#cells = cells;
    this.#place = place;
    this.#read = Atomics.load(cells, place.readCell);
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#cells, this.#place.writtenCell) === this.#read;
  }

  /** Where the next record lies; undefined: there is none. To be followed by `release`. */
  next(): number | undefined {
    if (this.isEmpty) return undefined;
    const at = this.#read & MASK;
    if (this.ints[at >> 2] !== SKIP) return at;
    this.#read = (this.#read + RING_BYTES - at) | 0;
    return 0;
  }

  /** The writer may have the place of the record that `next` told last (R1). */
  release(): void {
    const length = this.ints[(this.#read & MASK) >> 2] ?? 0;
    this.#read = (this.#read + aligned(length)) | 0;
    Atomics.store(this.#cells, this.#place.readCell, this.#read);
  }
}

function aligned(length: number): number {
  return (length + ALIGNMENT - 1) & -ALIGNMENT;
}
