/**
 * The order of things in a simulation: whatever may happen at any time waits here for its turn, which fast-check's
 * scheduler gives. Between two turns everything that the first one set off runs to where it waits again; a hurried
 * turn comes before that, while others are still at it.
 */
import { setImmediate } from 'node:timers/promises';
import type fc from 'fast-check';

/** A simulation that is not at rest by then goes round in circles. */
const MAX_STEPS = 20_000;
const TURNS = 3;

export class Steps {
  readonly #scheduler: fc.Scheduler;
  readonly #isHurried: () => boolean;
  /** Looks at everything between two turns. */
  readonly #look: () => void;

  constructor(scheduler: fc.Scheduler, isHurried: () => boolean, look: () => void = () => undefined) {
    this.#scheduler = scheduler;
    this.#isHurried = isHurried;
    this.#look = look;
  }

  /** Resolves when its turn has come. */
  turn(label: string): Promise<void> {
    return this.#scheduler.schedule(Promise.resolve(), label);
  }

  /** One of two ways, of which either may be taken. */
  flip(): boolean {
    return this.#isHurried();
  }

  /** Gives `count` turns at most. */
  async give(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 1) {
      if (!this.#isHurried()) await this.#quiet();
      if (this.#scheduler.count() === 0) return;
      await this.#scheduler.waitOne();
    }
  }

  /** Gives turns until nothing waits for one. */
  async finish(): Promise<void> {
    for (let given = 0; given < MAX_STEPS; given += 1) {
      await this.#quiet();
      if (this.#scheduler.count() === 0) return;
      await this.give(1);
    }
    throw new Error(`expected the simulation to come to rest within ${MAX_STEPS} turns, found it going on`);
  }

  /** Everything here is promises, and the writer's wait for the event loop's next turn: behind them comes the one after. */
  async #quiet(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await setImmediate();
    this.#look();
  }
}
