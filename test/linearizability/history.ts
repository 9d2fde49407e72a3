/** A history while it is made: what several processes do at the same time, under one clock that never stands still. */
import type { Action, Operation, Result } from './model.ts';

interface Milestone {
  readonly count: number;
  readonly reach: () => void;
}

export class History {
  readonly #operations: Operation[] = [];
  #milestones: Milestone[] = [];
  #moment = 0;
  /** Of the operations that were called. */
  count = 0;

  /** Those that have ended. */
  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** One operation more; who calls it ends it, once. */
  begin(process: string, action: Action): (result: Result | undefined) => void {
    const call = this.#tick();
    this.count += 1;
    for (const { count, reach } of this.#milestones) if (count <= this.count) reach();
    return (result) => void this.#operations.push({ process, action, call, end: this.#tick(), result });
  }

  /** Resolves when so many were called, or no more will be. */
  async reached(count: number): Promise<void> {
    if (count <= this.count) return;
    await new Promise<void>((reach) => this.#milestones.push({ count, reach }));
    this.#milestones = this.#milestones.filter((milestone) => milestone.count > count);
  }

  /** Nothing more is called: who waits for more waits no longer. */
  close(): void {
    for (const { reach } of this.#milestones) reach();
  }

  #tick(): number {
    this.#moment += 1;
    return this.#moment;
  }
}
