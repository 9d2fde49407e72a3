/**
 * How many durable actors of all applications are live at once. Above the limit the one that is at rest longest
 * goes; those that are being handled stay, so that the number may pass the limit by as many as there are threads.
 */

/** The live actors of one application. */
export interface LiveGroup {
  readonly size: number;
  /** As performance.now() counts; undefined: none is at rest. */
  readonly restingSince: number | undefined;
  /** @returns whether one went. */
  evictLongestAtRest(): Promise<boolean>;
}

export class LiveActors {
  readonly #limit: number;
  readonly #groups = new Set<LiveGroup>();
  #isEvicting = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(group: LiveGroup): void {
    this.#groups.add(group);
  }

  delete(group: LiveGroup): void {
    this.#groups.delete(group);
  }

  get count(): number {
    let count = 0;
    for (const { size } of this.#groups) count += size;
    return count;
  }

  /** To be called when one more is live. */
  async grew(): Promise<void> {
    if (this.#isEvicting || this.count <= this.#limit) return;
    this.#isEvicting = true;
    try {
      for (let went = true; went && this.count > this.#limit;) went = await this.#evictOldest();
    } finally {
      this.#isEvicting = false;
    }
  }

  async #evictOldest(): Promise<boolean> {
    const byRest = [...this.#groups].toSorted((a, b) => (a.restingSince ?? Infinity) - (b.restingSince ?? Infinity));
    const [first] = byRest;
    return first !== undefined && (await first.evictLongestAtRest());
  }
}
