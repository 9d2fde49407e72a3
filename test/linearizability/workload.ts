/**
 * What is done next, by chance: operations on few groups of numbered tuples, so that many meet. A space that stays
 * small keeps looks that find nothing as frequent as those that find something.
 */
import type { SeededRandom } from '../support/seeded-random.ts';
import type { Action, Pattern, Tuple } from './model.ts';

export interface Mixture {
  /** Of a hundred patterns, those that name no group. */
  readonly wildcards: number;
}

const GROUPS = 3;
const ROUND = 100;
const READ_ALL_LIMIT = 4;
/** Of a hundred actions each; the rest are writes. */
const SHARES = { take: 36, read: 10, count: 8, 'read-all': 4, swap: 4 } as const;

export class Workload {
  readonly #random: SeededRandom;
  readonly #mixture: Mixture;
  #number = 0;
  /** Most are gone by the time that a swap expects them, and some are not. */
  readonly #written: Tuple[] = [];

  constructor(random: SeededRandom, mixture: Mixture) {
    this.#random = random;
    this.#mixture = mixture;
  }

  /** What finds everything; where no pattern reaches over all groups, neither do these. */
  get patternsOfAll(): Pattern[] {
    if (this.#mixture.wildcards > 0) return [[null, null]];
    return Array.from({ length: GROUPS }, (_, group) => [group, null]);
  }

  next(): Action {
    let chance = this.#random.below(ROUND);
    for (const kind of ['take', 'read', 'count', 'read-all', 'swap'] as const) {
      if (chance < SHARES[kind]) return this.#action(kind);
      chance -= SHARES[kind];
    }
    return { kind: 'write', tuple: this.#fresh(this.#random.below(GROUPS)) };
  }

  #action(kind: keyof typeof SHARES): Action {
    const pattern: Pattern = [this.#random.below(ROUND) < this.#mixture.wildcards ? null : this.#group(), null];
    if (kind === 'read-all') return { kind, pattern, limit: READ_ALL_LIMIT };
    if (kind !== 'swap') return { kind, pattern };
    const expected = this.#written.at(-1 - this.#random.below(10)) ?? [0, 'none'];
    const [group] = expected;
    return { kind, pattern: [group ?? 0, null], expected, replacement: this.#fresh(group) };
  }

  #group(): number {
    return this.#random.below(GROUPS);
  }

  #fresh(group: Tuple[number] = 0): Tuple {
    this.#number += 1;
    const tuple = [group, this.#number];
    this.#written.push(tuple);
    return tuple;
  }
}
