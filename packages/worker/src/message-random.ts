/**
 * The guest's randomness, repeatable: the ChaCha20 key stream under the message's seed (RFC 8439).
 * As hard to predict as the seed, which the main thread draws from the operating system.
 */
import { createCipheriv } from 'node:crypto';
import type { Cipheriv } from 'node:crypto';
import { PlexSpacesError } from '@plexspaces/core';

const IV = new Uint8Array(16);
const MAX_BYTES = 1_048_576;

export class MessageRandom {
  #seed: Uint8Array | undefined;
  /** Made when it is first asked for: most messages draw nothing. */
  #stream: Cipheriv | undefined;

  /** @param seed 32 bytes, which may lie in shared memory. */
  reset(seed: Uint8Array): void {
    this.#seed = seed;
    this.#stream = undefined;
  }

  /** @throws RESOURCE_EXHAUSTED over 1 MiB a call, FAILED_PRECONDITION outside a message. */
  bytes(count: bigint): Uint8Array {
    if (count > MAX_BYTES) {
      throw new PlexSpacesError('RESOURCE_EXHAUSTED', `random bytes: expected at most ${MAX_BYTES}, found ${count}`);
    }
    if (this.#seed === undefined) throw new PlexSpacesError('FAILED_PRECONDITION', 'random bytes outside a message');
    this.#stream ??= createCipheriv('chacha20', Uint8Array.from(this.#seed), IV);
    return new Uint8Array(this.#stream.update(new Uint8Array(Number(count))));
  }

  u64(): bigint {
    const bytes = this.bytes(8n);
    return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  }
}
