/**
 * When the messages of an application's inbox are handed to their actors: each once at first, and as long as an actor
 * cannot be brought to life, its oldest one again and again, ever more seldom.
 */
export interface DeliveryAttemptsOptions {
  /** A message waits for the key. */
  readonly isWaiting: (key: string) => boolean;
  /** Hands over the key's oldest message. Rejects where its actor cannot be brought to life. */
  readonly take: (key: string) => Promise<void>;
  readonly onFailure: (key: string, thrown: unknown) => void;
}

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

export class DeliveryAttempts implements Disposable {
  readonly #options: DeliveryAttemptsOptions;
  /** The keys whose actors could not be brought to life. */
  readonly #pauses = new Map<string, NodeJS.Timeout>();
  #isOver = false;

  constructor(options: DeliveryAttemptsOptions) {
    this.#options = options;
  }

  /** To be called for each message. */
  async take(key: string): Promise<void> {
    if (this.#isOver || this.#pauses.has(key)) return;
    await this.#try(key, FIRST_PAUSE_MS);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const timer of this.#pauses.values()) clearTimeout(timer);
    this.#pauses.clear();
  }

  async #try(key: string, pauseMs: number): Promise<void> {
    try {
      await this.#options.take(key);
    } catch (thrown) {
      if (this.#isOver || this.#pauses.has(key)) return;
      this.#options.onFailure(key, thrown);
      this.#pauses.set(key, setTimeout(() => void this.#tryAgain(key, pauseMs), pauseMs).unref());
    }
  }

  /** All that came meanwhile. */
  async #tryAgain(key: string, pauseMs: number): Promise<void> {
    this.#pauses.delete(key);
    while (!this.#isOver && !this.#pauses.has(key) && this.#options.isWaiting(key)) {
      await this.#try(key, Math.min(2 * pauseMs, MAX_PAUSE_MS));
    }
  }
}
