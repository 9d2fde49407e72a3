/**
 * Records of the size that a durable call without host calls leaves in the journal: what was received, and how it
 * ended. The raw figures of the disk are of the same bytes as those of the node.
 */
import { randomBytes } from 'node:crypto';

export interface Put {
  readonly type: 'put';
  readonly key: string;
  readonly value: Uint8Array;
}

const RECEIVED_BYTES = 91;
const PROCESSED_BYTES = 19;

/** Each under a key of its own, one behind the other, as an actor's journal grows. */
export class Records {
  #sequence = 0;

  /** Two for each call. */
  batch(size: number): Put[] {
    return Array.from({ length: size }, (_, index) => this.#record(index % 2));
  }

  received(): Put {
    return this.#record(0);
  }

  #record(index: number): Put {
    if (index === 0) this.#sequence += 1;
    const number = this.#sequence.toString(16).padStart(16, '0');
    const key = `j/bench.Counter.v1\u0000k17\u0000${number}.0000000${index}`;
    return { type: 'put', key, value: randomBytes(index === 0 ? RECEIVED_BYTES : PROCESSED_BYTES) };
  }
}
