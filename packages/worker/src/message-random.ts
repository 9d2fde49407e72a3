/**
 * The guest's randomness, repeatable: the ChaCha20 key stream under the message's seed (RFC 8439).
 * As hard to predict as the seed, which the main thread draws from the operating system.
 *
 * Node's own cipher gives the same stream; making one takes 20 µs, and Python draws in each message.
 */
import { chacha20 } from '@noble/ciphers/chacha.js';
import { PlexSpacesError } from '@plexspaces/core';

const NONCE = new Uint8Array(12);
const BLOCK_BYTES = 64;
const MAX_BYTES = 1_048_576;

export class MessageRandom {
  #seed: Uint8Array | undefined;
  /** A copy of the seed, made when something is drawn: most messages draw nothing. */
  #key: Uint8Array | undefined;
  #drawnBytes = 0;

  /** @param seed 32 bytes, which may lie in shared memory. */
  reset(seed: Uint8Array): void {
    this.#seed = seed;
    this.#key = undefined;
    this.#drawnBytes = 0;
  }

  /** @throws RESOURCE_EXHAUSTED over 1 MiB a call, FAILED_PRECONDITION outside a message. */
  bytes(count: bigint): Uint8Array {
    if (count > MAX_BYTES) {
      throw new PlexSpacesError('RESOURCE_EXHAUSTED', `random bytes: expected at most ${MAX_BYTES}, found ${count}`);
    }
    if (this.#seed === undefined) throw new PlexSpacesError('FAILED_PRECONDITION', 'random bytes outside a message');
    this.#key ??= Uint8Array.from(this.#seed);
    const from = this.#drawnBytes % BLOCK_BYTES;
    const firstBlock = (this.#drawnBytes - from) / BLOCK_BYTES;
    this.#drawnBytes += Number(count);
    const stream = chacha20(this.#key, NONCE, new Uint8Array(from + Number(count)), undefined, firstBlock);
    return from === 0 ? stream : stream.slice(from);
  }

  u64(): bigint {
    const bytes = this.bytes(8n);
    return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  }
}
