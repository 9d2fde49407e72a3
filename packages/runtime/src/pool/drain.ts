/** Waiting until nothing runs and nobody waits any more, or for as long as one has time. */
export class Drain {
  readonly #isOver: () => boolean;
  readonly #waiting = new Set<() => void>();

  constructor(isOver: () => boolean) {
    this.#isOver = isOver;
  }

  /** Resolves when it is over, or after the deadline. */
  wait(deadlineMs: number): Promise<void> {
    if (this.#isOver() || deadlineMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.#waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** To be called when it may be over. */
  look(): void {
    if (this.#waiting.size === 0 || !this.#isOver()) return;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
