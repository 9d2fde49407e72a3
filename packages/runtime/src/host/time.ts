/** Time: main half. Chooses where a message's clock starts and what its randomness is drawn from. */
import { randomBytes } from 'node:crypto';

const SEED_BYTES = 32;

export interface MessageStart {
  readonly startMicros: bigint;
  readonly seed: Uint8Array;
}

/**
 * @param previousMicros where the actor's clock stood after its last message; 0 where there was none.
 * The clock goes on from there even if the machine's clock was set back.
 */
export function startMessage(previousMicros: bigint): MessageStart {
  const nowMicros = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
  const startMicros = nowMicros > previousMicros ? nowMicros : previousMicros + 1n;
  return { startMicros, seed: randomBytes(SEED_BYTES) };
}
