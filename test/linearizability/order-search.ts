/**
 * Looks for an order of operations that explains what they found: one operation after the other, back where none can
 * come next.
 *
 * J. Wing and C. Gong, "Testing and Verifying Concurrent Objects" (1993), with G. Lowe's memory of what was tried,
 * "Testing for Linearizability" (2017); given up is also what allows no more than something that was tried.
 */
import { AgedTuples } from './aged-tuples.ts';
import { setBit } from './precedence.ts';
import type { Precedence } from './precedence.ts';
import { ReachableCounts } from './reachable-counts.ts';
import { Relevance } from './relevance.ts';
import type { SettledOperation } from './settle-known.ts';
import { after } from './space-model.ts';
import { VanishedTuples } from './vanished-tuples.ts';

export interface Outcome {
  readonly isFound: boolean;
  readonly configurations: number;
  /** Where none was found: what was left to choose from when most were in order, and what the space held then. */
  readonly stuck: readonly number[];
  readonly space: string;
}

/** What was put in order so far, and what the space holds then. */
interface Configuration {
  /** All operations before it, by their calls, are in order or can be in it no more. */
  readonly from: number;
  /** Those from there on that are in order. */
  readonly done: ReadonlySet<number>;
  /** All that are in order. */
  readonly placed: Uint32Array;
  readonly count: number;
  readonly lastCall: number;
  readonly space: AgedTuples;
}

const TOLD = 12;
/** Above all moments of a history. */
const FIRST = 1e9;

/** There may be an order, and there may be none. */
export class UndecidedError extends Error {}

export class OrderSearch {
  /** By their calls. */
  readonly #operations: readonly SettledOperation[];
  readonly #precedence: Precedence;
  readonly #limit: number;
  readonly #relevance: Relevance;
  readonly #counts: ReachableCounts;
  readonly #vanished: VanishedTuples;
  readonly #tried = new Map<string, AgedTuples[]>();
  #configurations = 0;

  constructor(operations: readonly SettledOperation[], precedence: Precedence, limit: number) {
    this.#operations = operations;
    this.#precedence = precedence;
    this.#limit = limit;
    this.#relevance = new Relevance(operations, precedence);
    this.#counts = new ReachableCounts(operations, precedence);
    this.#vanished = new VanishedTuples(operations, precedence);
  }

  /** @throws UndecidedError past the limit of configurations. */
  run(): Outcome {
    const placed = this.#precedence.emptySet();
    const first: Configuration = { from: 0, done: new Set(), placed, count: 0, lastCall: -1, space: AgedTuples.none };
    const stack = [first];
    let furthest = first;
    for (let current = stack.pop(); current !== undefined; current = stack.pop()) {
      if (current.count > furthest.count) furthest = current;
      if (this.#isWhole(current)) return this.#outcome(current, true);
      // The stack gives the last one first.
      for (const next of this.#following(current).toReversed()) if (this.#isNew(next)) stack.push(next);
    }
    return this.#outcome(furthest, false);
  }

  #outcome(at: Configuration, isFound: boolean): Outcome {
    const configurations = this.#configurations;
    if (isFound) return { isFound, configurations, stuck: [], space: '' };
    const tuples = at.space.items.map(({ tuple }) => JSON.stringify(tuple));
    const more = tuples.length > TOLD ? ` and ${tuples.length - TOLD} more` : '';
    const space = `${tuples.slice(0, TOLD).join(' ') || 'nothing'}${more}`;
    return { isFound, configurations, stuck: this.#called(at).slice(0, TOLD), space };
  }

  #isWhole({ from, done }: Configuration): boolean {
    for (let index = from; index < this.#operations.length; index += 1) {
      if (!done.has(index) && this.#at(index).result !== undefined) return false;
    }
    return true;
  }

  /** What may come next: what was called before anything that is not in order yet had ended. */
  #called({ from, done, lastCall }: Configuration): number[] {
    const called: number[] = [];
    let firstEnd = Infinity;
    for (let index = from; index < this.#operations.length; index += 1) {
      const { call, end, result } = this.#at(index);
      if (call > firstEnd) break;
      if (done.has(index) || (result === undefined && end < lastCall)) continue;
      called.push(index);
      if (result !== undefined) firstEnd = Math.min(firstEnd, end);
    }
    return called.filter((index) => this.#at(index).call < firstEnd);
  }

  #following(current: Configuration): Configuration[] {
    const called = this.#called(current);
    const last = called.at(-1) ?? current.from;
    const ready = called.filter((index) => this.#precedence.isReady(index, current.placed));
    return ready
      .toSorted((one, other) => this.#urgency(one) - this.#urgency(other))
      .flatMap((index) => this.#placing(index, current))
      .filter(({ space, placed, from }) => this.#counts.allow(space, placed, from, last))
      .filter(({ space, placed, lastCall }) => this.#vanished.allow(space, placed, lastCall));
  }

  /**
   * What only counts comes first: it is spoilt by whatever comes before it. Then what ends first; what nobody knows of
   * comes last, since mostly it was not.
   */
  #urgency(index: number): number {
    const { end, result } = this.#at(index);
    if (result === undefined) return Infinity;
    return result.kind === 'nothing' || result.kind === 'counted' ? end - FIRST : end;
  }

  #placing(index: number, current: Configuration): Configuration[] {
    const operation = this.#at(index);
    const lastCall = Math.max(current.lastCall, operation.call);
    const placed = current.placed.slice();
    setBit(placed, index);
    const done = new Set(current.done).add(index);
    let { from } = current;
    while (from < this.#operations.length && this.#isPast(from, done, lastCall)) done.delete(from++);
    const spaces = after(current.space, operation, index, this.#precedence);
    return spaces.map((space) => ({ from, done, placed, count: current.count + 1, lastCall, space }));
  }

  #isPast(index: number, done: ReadonlySet<number>, lastCall: number): boolean {
    const { result, end } = this.#at(index);
    return done.has(index) || (result === undefined && end < lastCall);
  }

  /** Whether nothing that allows as much was tried at this point. */
  #isNew({ from, done, placed, space }: Configuration): boolean {
    const key = `${from}:${[...done].toSorted((one, other) => one - other).join(',')}`;
    const tried = this.#tried.get(key) ?? [];
    const live = this.#relevance.live(space.items, placed);
    if (tried.some((other) => other.allows(space, live))) return false;
    this.#tried.set(key, [...tried, space]);
    this.#configurations += 1;
    if (this.#configurations > this.#limit) throw new UndecidedError(`no end in ${this.#limit} configurations`);
    return true;
  }

  #at(index: number): SettledOperation {
    const operation = this.#operations[index];
    if (operation === undefined) throw new Error(`expected an operation ${index}, found none`);
    return operation;
  }
}
