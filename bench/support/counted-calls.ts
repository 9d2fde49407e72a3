/** Whether counters counted each call once, whoever kept them. */
export class CountedCalls {
  readonly #counts = new Map<string, { calls: number; highest: number; first: number }>();

  /** @param answer a number, or an object with a `count`. */
  add(counter: string, answer: unknown): void {
    const count = countOf(answer);
    const found = this.#counts.get(counter);
    if (found === undefined) {
      this.#counts.set(counter, { calls: 1, highest: count, first: count });
      return;
    }
    found.calls += 1;
    found.highest = Math.max(found.highest, count);
    found.first = Math.min(found.first, count);
  }

  /** When no call is under way. @throws where a counter went on by another number than that of its calls. */
  expectExact(): void {
    for (const [counter, { calls, highest, first }] of this.#counts) {
      const counted = highest - first + 1;
      if (counted !== calls) throw new Error(`${counter}: expected ${calls} counted calls, found ${counted}`);
    }
  }
}

function countOf(answer: unknown): number {
  const count = typeof answer === 'object' && answer !== null && 'count' in answer ? answer.count : answer;
  if (typeof count === 'number' && Number.isSafeInteger(count)) return count;
  throw new Error(`expected a count, found ${JSON.stringify(answer)}`);
}
