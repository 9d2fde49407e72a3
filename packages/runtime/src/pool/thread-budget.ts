/**
 * How the applications of a node share its threads.
 *
 * It owns no thread: how many there are is counted at their pools, so that nothing can leak. Each pool has its
 * least number reserved for as long as it is there; what is above that is lent.
 *
 * E1. The pools' least numbers fit the limit together; one that does not is refused.
 * E2. No pool grows above its least number while the limit is reached. (A pool that joins finds its least number
 *     at once, so that the limit may be passed until others have given back what they were lent.)
 * E3. Who finds no thread stands in line, once, and gets what comes free in turn with the others.
 * E4. A worker above its pool's least number ends for who stands in line: at once where it is idle; where its pool
 *     has calls waiting, when it was lent more than the other, or has had as much as that for a turn.
 */
import { PlexSpacesError } from '@plexspaces/core';

/** A pool as the budget sees it. */
export interface Borrower {
  readonly name: string;
  readonly min: number;
  /** Its workers, those that are starting or ending among them. */
  readonly total: number;
  /** It is its turn: starts a worker, if it still wants one. */
  grow(): void;
  /** Ends a worker above min that is idle, if there is one; resolves when its thread is gone. */
  endSpare(): Promise<void> | undefined;
}

export interface ThreadBudgetOptions {
  readonly limit: number;
  /** How long a pool may keep as many threads as another one that waits for its own. Default: 1 s. */
  readonly turnMs?: number | undefined;
}

const DEFAULT_TURN_MS = 1_000;

export class ThreadBudget {
  readonly limit: number;
  readonly #turnMs: number;
  /** With the time at which each was last lent a thread. */
  readonly #borrowers = new Map<Borrower, number>();
  readonly #line = new Set<Borrower>();
  /** Threads that are ending for the line. */
  #coming = 0;
  #turn: { readonly of: Borrower; readonly total: number } | undefined;
  #mayBeOver = false;

  constructor({ limit, turnMs = DEFAULT_TURN_MS }: ThreadBudgetOptions) {
    this.limit = limit;
    this.#turnMs = turnMs;
  }

  /** Threads that are there or reserved. */
  get used(): number {
    let used = 0;
    for (const { min, total } of this.#borrowers.keys()) used += Math.max(min, total);
    return used;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** A worker that comes free may have to go; nearly always false, and quick to ask. */
  get isShort(): boolean {
    return this.#line.size > 0 || this.#mayBeOver;
  }

  /** To be called before its first worker. @throws RESOURCE_EXHAUSTED (THREADS) where its min does not fit (E1). */
  join(borrower: Borrower): void {
    const reserved = [...this.#borrowers.keys()].reduce((sum, { min }) => sum + min, 0);
    if (reserved + borrower.min > this.limit) throw tooMany(borrower, this.limit, reserved);
    this.#borrowers.set(borrower, performance.now());
    this.#mayBeOver = true;
    for (let ends = this.used - this.limit; ends > 0 && this.#endSpare(borrower); ends -= 1);
  }

  /** Its workers are gone. */
  leave(borrower: Borrower): void {
    this.#borrowers.delete(borrower);
    this.#line.delete(borrower);
    this.serve();
  }

  /** Whether it may start a worker now. If not it stands in line, and is told when its turn has come (E2, E3). */
  mayGrow(borrower: Borrower): boolean {
    if (borrower.total < borrower.min) return true;
    const isItsTurn = this.#turn === undefined ? this.#line.size === 0 : this.#isTurnOf(borrower);
    if (isItsTurn && this.used < this.limit) {
      this.#borrowers.set(borrower, performance.now());
      return true;
    }
    if (this.#line.has(borrower)) return false;
    this.#line.add(borrower);
    this.#endSpares();
    return false;
  }

  /**
   * Ends a worker that came free, of a pool that has more than its least number, if it has to go (E4).
   * @param isWanted its pool has calls waiting for it. @param end resolves when its thread is gone.
   */
  takeBack(borrower: Borrower, isWanted: boolean, end: () => Promise<void>): boolean {
    if (!this.isShort) return false;
    this.#mayBeOver &&= this.used > this.limit;
    const isOver = this.#mayBeOver && this.used - this.#coming > this.limit;
    const mayLend = this.#coming < this.#line.size;
    const goesTo = (other: Borrower): boolean => other !== borrower && (!isWanted || this.#isBefore(other, borrower));
    if (!isOver && !(mayLend && [...this.#line].some(goesTo))) return false;
    this.#expect(end());
    return true;
  }

  /** A thread is gone: it is lent to who stands in line. */
  serve(): void {
    if (this.#turn !== undefined) return;
    for (let [borrower] = this.#line; borrower !== undefined && this.used < this.limit; [borrower] = this.#line) {
      this.#line.delete(borrower); // it comes last where it wants another one
      this.#turn = { of: borrower, total: borrower.total };
      try {
        borrower.grow();
      } finally {
        this.#turn = undefined;
      }
    }
    this.#endSpares();
  }

  /** One thread a turn. */
  #isTurnOf(borrower: Borrower): boolean {
    return this.#turn?.of === borrower && this.#turn.total === borrower.total;
  }

  /** E4 */
  #isBefore(waiting: Borrower, borrower: Borrower): boolean {
    const more = lentTo(borrower) - lentTo(waiting);
    const hadItsTurn = performance.now() - (this.#borrowers.get(borrower) ?? 0) >= this.#turnMs;
    return more > 1 || (more === 1 && hadItsTurn);
  }

  /** As many as stand in line: one for each. */
  #endSpares(): void {
    for (const borrower of this.#line) {
      if (this.#coming >= this.#line.size) return;
      this.#endSpare(borrower);
    }
  }

  /** Of the pool that was lent most. */
  #endSpare(asker: Borrower): boolean {
    const others = [...this.#borrowers.keys()].filter((other) => other !== asker && lentTo(other) > 0);
    for (const other of others.toSorted((a, b) => lentTo(b) - lentTo(a))) {
      const ended = other.endSpare();
      if (ended === undefined) continue;
      this.#expect(ended);
      return true;
    }
    return false;
  }

  #expect(ended: Promise<void>): void {
    this.#coming += 1;
    void ended.finally(() => {
      this.#coming -= 1;
      this.serve();
    });
  }
}

function lentTo({ min, total }: Borrower): number {
  return Math.max(0, total - min);
}

function tooMany({ name, min }: Borrower, limit: number, reserved: number): PlexSpacesError {
  return new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `${name}: workers.min: expected at most ${limit - reserved} threads, found ${min}: the node has ${limit}, ` +
      `of which other applications have reserved ${reserved}`,
    { reason: 'THREADS' },
  );
}
