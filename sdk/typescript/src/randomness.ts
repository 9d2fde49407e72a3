/**
 * Makes a message draw the same random numbers wherever it is handled: live, or replayed after a snapshot.
 *
 * The engine's own Math.random keeps its generator in guest memory, which an instance restored from a snapshot does
 * not have. This one is seeded from the host, which has one seed for each message, when a message first draws.
 */

const SEED_BYTES = 16;
const BITS_27 = 2 ** 27;
const BITS_53 = 2 ** 53;

export type RandomBytes = (length: number) => Uint8Array;

/** xoshiro128** of Blackman and Vigna, https://prng.di.unimi.it/xoshiro128starstar.c. */
export class MessageRandom {
  readonly #bytes: RandomBytes;
  #state: Uint32Array | undefined;

  constructor(bytes: RandomBytes) {
    this.#bytes = bytes;
  }

  beginMessage(): void {
    this.#state = undefined;
  }

  /** At least 0, below 1, of 53 bits. */
  next(): number {
    const high = this.#word() >>> 5;
    return (high * (BITS_53 / BITS_27) + (this.#word() >>> 6)) / BITS_53;
  }

  #word(): number {
    this.#state ??= this.#seed();
    const state = this.#state;
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state;
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    const a = s2 ^ s0;
    const b = s3 ^ s1;
    state.set([s0 ^ b, s1 ^ a, a ^ (s1 << 9), rotate(b, 11)]);
    return result;
  }

  #seed(): Uint32Array {
    const words = new Uint32Array(this.#bytes(SEED_BYTES).slice().buffer);
    // All zeros is the one state that the generator never leaves.
    if (words.every((word) => word === 0)) words[0] = 1;
    return words;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
