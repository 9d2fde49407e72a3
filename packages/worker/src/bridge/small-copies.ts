/**
 * Copies of a few bytes each, one behind the other in a common block.
 *
 * A buffer of its own lies outside of the heap: to make one of a hundred bytes and to let it go takes five times as long
 * as to copy them, most of it as garbage collection. Who keeps such a copy for long keeps up to BLOCK_BYTES of others
 * with it, and who hands it to a stranger copies it first. A block is never written twice.
 */
const BLOCK_BYTES = 16_384;
/** Longer ones have a buffer of their own. */
const MOST_BYTES = 1024;

export class SmallCopies {
  #block = new Uint8Array(0);
  #used = 0;

  copy(bytes: Uint8Array, from: number, length: number): Uint8Array {
    if (length > MOST_BYTES) return bytes.slice(from, from + length);
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#used = 0;
    }
    const copy = this.#block.subarray(this.#used, this.#used + length);
    copy.set(bytes.subarray(from, from + length));
    this.#used += length;
    return copy;
  }
}
