/** Random numbers that a seed gives again: PLEXSPACES_SEED, or one of the moment, which the test tells. */
export interface SeededRandom {
  readonly seed: number;
  /** An integer from 0 to below `end`. */
  below(end: number): number;
}

/** Mulberry32, by Tommy Ettinger. */
export function seededRandom(
  seed: number = Number(process.env['PLEXSPACES_SEED'] ?? Date.now() % 1_000_000_000),
): SeededRandom {
  let state = seed;
  const below = (end: number): number => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * end);
  };
  return { seed, below };
}
