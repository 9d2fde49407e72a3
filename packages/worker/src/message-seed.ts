/**
 * What a message's randomness is drawn from, and how far it was drawn. The cipher is elsewhere (message-random.ts):
 * most guests import no randomness, and their threads do without its code.
 */
import { PlexSpacesError } from '@plexspaces/core';

/** Where in the seed's stream the next bytes lie. */
export interface Draw {
  readonly key: Uint8Array;
  readonly fromByte: number;
}

export class MessageSeed {
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

  /** The next bytes of the stream are the caller's. @throws FAILED_PRECONDITION outside a message. */
  draw(byteLength: number): Draw {
    if (this.#seed === undefined) throw new PlexSpacesError('FAILED_PRECONDITION', 'random bytes outside a message');
    this.#key ??= Uint8Array.from(this.#seed);
    const fromByte = this.#drawnBytes;
    this.#drawnBytes += byteLength;
    return { key: this.#key, fromByte };
  }
}
