/**
 * Sends the actors of one application away that were not used for its idle timeout: what they hold is then in
 * their snapshots and journals alone.
 */
import type { LiveGroup } from './live-actors.ts';

/** An actor is idle for at most this part longer than the timeout. */
const LOOKS_PER_TIMEOUT = 4;
const MIN_INTERVAL_MS = 20;

export class IdlePassivation implements Disposable {
  readonly #group: LiveGroup;
  readonly #idleTimeoutMs: number;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor(group: LiveGroup, idleTimeoutMs: number) {
    this.#group = group;
    this.#idleTimeoutMs = idleTimeoutMs;
    const intervalMs = Math.max(MIN_INTERVAL_MS, idleTimeoutMs / LOOKS_PER_TIMEOUT);
    this.#timer = setInterval(() => void this.#look(), intervalMs).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const before = performance.now() - this.#idleTimeoutMs;
      for (let went = true; went && (this.#group.restingSince ?? Infinity) <= before;) {
        went = await this.#group.evictLongestAtRest();
      }
    } finally {
      this.#isLooking = false;
    }
  }
}
