/** Who gets a thread, who waits and who gives one back: the pools are played by the test. */
import { describe, expect, it } from 'vitest';
import { ThreadBudget } from '../../../packages/runtime/src/pool/thread-budget.ts';
import type { Borrower } from '../../../packages/runtime/src/pool/thread-budget.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const RUNS = 300;
const STEPS = 60;

/** A pool whose workers start at once and end when the test says so. */
class ModelPool implements Borrower {
  readonly name: string;
  readonly min: number;
  /** Callers that wait for a worker. */
  wanted = 0;
  active = 0;
  idle: number;
  readonly ending: PromiseWithResolvers<void>[] = [];
  readonly #budget: ThreadBudget;

  constructor(name: string, min: number, budget: ThreadBudget) {
    this.name = name;
    this.min = min;
    this.idle = min;
    this.#budget = budget;
    budget.join(this);
  }

  get total(): number {
    return this.active + this.idle + this.ending.length;
  }

  call(): void {
    if (this.idle > 0) this.#activate();
    else {
      this.wanted += 1;
      this.grow();
    }
  }

  grow(): void {
    while (this.wanted > 0 && this.#budget.mayGrow(this)) {
      this.wanted -= 1;
      this.active += 1;
    }
  }

  release(): void {
    this.active -= 1;
    this.idle += 1;
    if (this.total > this.min && this.#budget.takeBack(this, this.wanted > 0, () => this.#end())) return;
    if (this.wanted === 0) return;
    this.wanted -= 1;
    this.#activate();
  }

  endSpare(): Promise<void> | undefined {
    return this.idle > 0 && this.total > this.min ? this.#end() : undefined;
  }

  #activate(): void {
    this.idle -= 1;
    this.active += 1;
  }

  #end(): Promise<void> {
    this.idle -= 1;
    const ended = Promise.withResolvers<void>();
    this.ending.push(ended);
    return ended.promise;
  }
}

describe('the line', () => {
  it('is served in turn, one thread each', () => {
    const budget = new ThreadBudget({ limit: 6, turnMs: Infinity });
    const [holder, first, second] = ['holder', 'first', 'second'].map((name) => new ModelPool(name, 1, budget));
    if (holder === undefined || first === undefined || second === undefined) throw new Error('expected three pools');
    for (let calls = 0; calls < 4; calls += 1) holder.call();
    for (let calls = 0; calls < 5; calls += 1) first.call();
    for (let calls = 0; calls < 5; calls += 1) second.call();
    expect([first.total, second.total, budget.waiting]).toEqual([1, 1, 2]);
    budget.leave(holder);
    // Of the four that are free now each gets one, then each another one, though the first asked before.
    expect([first.total, second.total]).toEqual([3, 3]);
  });

  it('the control: who is not in it gets nothing', () => {
    const budget = new ThreadBudget({ limit: 2 });
    const holder = new ModelPool('holder', 1, budget);
    const other = new ModelPool('other', 1, budget);
    other.call();
    budget.leave(holder);
    expect(other.total).toBe(1);
  });
});

describe('whatever pools do', () => {
  it('no pool grows past the limit, and nobody waits where there is a thread to be had', async () => {
    const random = seededRandom();
    for (let run = 0; run < RUNS; run += 1) {
      const budget = new ThreadBudget({ limit: 3 + random.below(5), turnMs: random.below(2) === 0 ? 0 : Infinity });
      const pools = ['a', 'b', 'c'].map((name) => new ModelPool(name, 1, budget));
      for (let step = 0; step < STEPS; step += 1) await act(pools, random.below(3), random.below(4), budget);
      await settle(pools);
      const what = { seed: random.seed, run, pools: pools.map(({ total, wanted, idle }) => ({ total, wanted, idle })) };
      expect({ ...what, used: budget.used <= budget.limit }).toEqual({ ...what, used: true });
      const isStuck = budget.used < budget.limit && pools.some(({ wanted }) => wanted > 0);
      const isWasted = pools.some(({ wanted }) => wanted > 0) && pools.some((pool) => pool.idle > 0 && pool.total > 1);
      expect({ ...what, isStuck, isWasted }).toEqual({ ...what, isStuck: false, isWasted: false });
    }
  });
});

async function act(pools: readonly ModelPool[], which: number, what: number, budget: ThreadBudget): Promise<void> {
  const pool = pools[which];
  if (pool === undefined) throw new Error('expected a pool');
  if (what <= 1) pool.call();
  else if (what === 2 && pool.active > 0) pool.release();
  else if (what === 3) await endOne(pool);
  expect(budget.used).toBeLessThanOrEqual(budget.limit);
}

async function endOne(pool: ModelPool): Promise<void> {
  pool.ending.shift()?.resolve();
  await new Promise((resolve) => setImmediate(resolve)); // whoever waited for it has been told
}

/** Threads that end have ended. */
async function settle(pools: readonly ModelPool[]): Promise<void> {
  while (pools.some(({ ending }) => ending.length > 0)) for (const pool of pools) await endOne(pool);
}
