/**
 * Numbers for what the node has to name: each is given once, ascending, over all starts of the node.
 *
 * The upper half is the epoch, which each start raises, so that nothing has to be kept of the lower one.
 */
const COUNTER_BITS = 32n;

export class Numbers {
  #last: bigint;

  constructor(epoch: bigint) {
    this.#last = epoch << COUNTER_BITS;
  }

  next(): bigint {
    this.#last += 1n;
    return this.#last;
  }
}
