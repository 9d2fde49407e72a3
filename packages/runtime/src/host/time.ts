/** Time: main half. Chooses where a message's clock starts, what its randomness is drawn from, and when sleeps end. */
import { randomFillSync } from 'node:crypto';
import { wallMicros } from '@plexspaces/worker';
import type { HostCall } from '@plexspaces/worker';
import type { HostEffect } from './scope.ts';

const SEED_BYTES = 32;
/** Asking the operating system costs a microsecond and more, whatever is asked for. */
const SEEDS_AT_ONCE = 128;

const seeds = new Uint8Array(SEED_BYTES * SEEDS_AT_ONCE);
let usedBytes = seeds.length;

export interface MessageStart {
  readonly startMicros: bigint;
  readonly seed: Uint8Array;
}

/**
 * @param previousMicros where the actor's clock stood after its last message; 0 where there was none.
 * The clock goes on from there even if the machine's clock was set back.
 */
export function startMessage(previousMicros: bigint): MessageStart {
  const nowMicros = wallMicros();
  const startMicros = nowMicros > previousMicros ? nowMicros : previousMicros + 1n;
  return { startMicros, seed: nextSeed() };
}

/** Begins a sleep: whoever takes the message up again knows when it is over. */
export function beginSleep({ micros }: Extract<HostCall, { function: 'sleep-millis' }>): HostEffect {
  return { value: { type: 'u64', value: wallMicros() + micros }, operations: [] };
}

/** A copy, so that nobody who is given it has the others' as well. */
function nextSeed(): Uint8Array {
  if (usedBytes === seeds.length) {
    randomFillSync(seeds);
    usedBytes = 0;
  }
  usedBytes += SEED_BYTES;
  return seeds.slice(usedBytes - SEED_BYTES, usedBytes);
}
