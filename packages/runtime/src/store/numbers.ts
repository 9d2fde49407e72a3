/**
 * Numbers for what the node has to name: each is given once, ascending, over all starts of the node.
 *
 * The upper half is the epoch, which each start raises, so that nothing has to be kept of the lower one.
 */
const COUNTER_BITS = 32n;

/** Above every number of the starts before, unless one of them gave 2^32. */
export function firstNumberOf(epoch: bigint): bigint {
  return epoch << COUNTER_BITS;
}

export class Numbers {
  #last: bigint;

  constructor(epoch: bigint) {
    this.#last = firstNumberOf(epoch);
  }

  next(): bigint {
    this.#last += 1n;
    return this.#last;
  }
}
