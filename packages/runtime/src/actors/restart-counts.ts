/** How often a failure ended an instance, for each key: of the keys that failed last, a bounded number. */
const MAX_KEYS = 10_000;

export class RestartCounts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  count(key: string): void {
    const count = this.of(key) + 1;
    this.#counts.delete(key); // so that it is the newest
    this.#counts.set(key, count);
    if (this.#counts.size <= MAX_KEYS) return;
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest);
      break;
    }
  }
}
