/** What one operation may ask for. */
import { PlexSpacesError } from '@plexspaces/core';
import type { StoredTuple } from './stored-tuple.ts';

/** Ten years. */
export const MAX_TTL_MS = 315_360_000_000;
const MAX_READ_ALL = 10_000;
/** A reply in either form, the thread's or the wire's, has room for it. */
const MAX_REPLY_BYTES = 4_000_000;
/** By which a field's form on the wire may be longer than its binary form. */
const WIRE_BYTES_OF_FIELD = 6;

/** @throws INVALID_ARGUMENT */
export function expectTtl(ttlMs: number): number {
  if (Number.isInteger(ttlMs) && ttlMs >= 1 && ttlMs <= MAX_TTL_MS) return ttlMs;
  throw new PlexSpacesError('INVALID_ARGUMENT', `ttl: expected 1-${MAX_TTL_MS} milliseconds, found ${ttlMs}`);
}

/** @throws INVALID_ARGUMENT */
export function expectLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_READ_ALL) return;
  throw new PlexSpacesError('INVALID_ARGUMENT', `limit: expected 1-${MAX_READ_ALL} tuples, found ${limit}`);
}

/** Of a read-all's reply, tuple by tuple. */
export class ReplySize {
  #tuples = 0;
  #bytes = 0;

  /** @throws RESOURCE_EXHAUSTED where there is no room for one more. */
  add({ tuple, bytes }: StoredTuple): void {
    this.#bytes += bytes + WIRE_BYTES_OF_FIELD * (tuple.length + 1);
    if (this.#bytes <= MAX_REPLY_BYTES) {
      this.#tuples += 1;
      return;
    }
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `read-all: expected at most ${MAX_REPLY_BYTES} bytes of tuples, found more: ask for ${this.#tuples} at most`,
    );
  }
}
