/**
 * Reads the message of a stranger. Two bytes make a field there, or a whole request among many, that takes hundreds of
 * them in memory: the bytes of a message say nothing of what it becomes, what is counted here does.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { PlexSpacesError } from '@plexspaces/core';

export class BoundedReader extends BinaryReader {
  /** @param maxParts tags and lengths in all; past it reading throws RESOURCE_EXHAUSTED. None takes less than a byte. */
  constructor(bytes: Uint8Array, maxParts: number) {
    super(bytes);
    const read = this.uint32;
    let left = maxParts;
    this.uint32 = (): number => {
      if (left === 0) throw tooMany(maxParts);
      left -= 1;
      return read.call(this);
    };
  }
}

function tooMany(limit: number): PlexSpacesError {
  return new PlexSpacesError('RESOURCE_EXHAUSTED', `message: expected at most ${limit} tags and lengths, found more`);
}
