/**
 * Reads the message of a stranger. Two bytes make a field there, or a whole request among many, that takes hundreds of
 * them in memory, and one a number of a packed list: the bytes of a message say nothing of what it becomes, what is
 * counted here does.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { PlexSpacesError } from '@plexspaces/core';

export class BoundedReader extends BinaryReader {
  readonly #maxParts: number;
  #left: number;

  /** @param maxParts tags, lengths and numbers in all; past it reading throws RESOURCE_EXHAUSTED. None takes less than a byte. */
  constructor(bytes: Uint8Array, maxParts: number) {
    super(bytes);
    this.#maxParts = maxParts;
    this.#left = maxParts;
    const read = this.uint32;
    this.uint32 = (): number => {
      this.#count();
      return read.call(this);
    };
  }

  override uint64(): bigint | string {
    this.#count();
    return super.uint64();
  }

  override int64(): bigint | string {
    this.#count();
    return super.int64();
  }

  override sint64(): bigint | string {
    this.#count();
    return super.sint64();
  }

  override bool(): boolean {
    this.#count();
    return super.bool();
  }

  #count(): void {
    if (this.#left === 0) throw tooMany(this.#maxParts);
    this.#left -= 1;
  }
}

function tooMany(limit: number): PlexSpacesError {
  return new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `message: expected at most ${limit} tags, lengths and numbers, found more`,
  );
}
