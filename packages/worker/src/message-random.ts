/**
 * The guest's randomness, repeatable: the ChaCha20 key stream under the message's seed (RFC 8439).
 * As hard to predict as the seed, which the main thread draws from the operating system.
 *
 * Node's own cipher gives the same stream; making one takes 20 µs, and Python draws in each message.
 */
import { chacha20 } from '@noble/ciphers/chacha.js';
import { PlexSpacesError } from '@plexspaces/core';
import type { MessageSeed } from './message-seed.ts';

const NONCE = new Uint8Array(12);
const BLOCK_BYTES = 64;
const MAX_BYTES = 1_048_576;

/** @throws RESOURCE_EXHAUSTED over 1 MiB a draw, FAILED_PRECONDITION outside a message. */
export function randomBytes(seed: MessageSeed, count: bigint): Uint8Array {
  if (count > MAX_BYTES) {
    throw new PlexSpacesError('RESOURCE_EXHAUSTED', `random bytes: expected at most ${MAX_BYTES}, found ${count}`);
  }
  const { key, fromByte } = seed.draw(Number(count));
  const from = fromByte % BLOCK_BYTES;
  const firstBlock = (fromByte - from) / BLOCK_BYTES;
  const stream = chacha20(key, NONCE, new Uint8Array(from + Number(count)), undefined, firstBlock);
  return from === 0 ? stream : stream.slice(from);
}

/** @throws as randomBytes. */
export function randomU64(seed: MessageSeed): bigint {
  const bytes = randomBytes(seed, 8n);
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}
