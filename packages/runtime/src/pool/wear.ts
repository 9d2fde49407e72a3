/**
 * When the instances of one application are taken for worn, and how many of them were renewed for it.
 *
 * Calls that each leave something behind (every Python guest gives away bytes that it never gets back) use up an
 * instance's memory, however blameless each of them is. So it is renewed between two calls, before one of them fails.
 *
 * An instance may also fill its memory soon because it needs it all. Whoever is renewed soon is therefore renewed
 * only after twice as many growths the next time, until one of them does end for want of memory: then it was no need.
 */
import type { WearLimit } from '@plexspaces/worker';
import type { Logger } from 'pino';

export interface WearOptions {
  readonly actor: string;
  readonly memoryBytes: number;
  readonly logger: Pick<Logger, 'info'>;
  /** Its calls go to any of several instances, one as good as the other. */
  readonly isPooled: boolean;
  /** For negative controls in tests only: none is ever taken for worn. */
  readonly unsafeUnrenewed?: boolean | undefined;
}

/** The rest is for what calls need that are under way. */
const WORN_PART = 7 / 8;
const LEAST_GROWTHS = 4;
const MOST_GROWTHS = 65_536;
/** Calls. */
const SOON = 32;

export class Wear {
  readonly #options: WearOptions;
  #growths = LEAST_GROWTHS;
  #neverEnds = true;
  #renewed = 0;

  constructor(options: WearOptions) {
    this.#options = options;
  }

  /** For the next instance. */
  get limit(): WearLimit | undefined {
    const { memoryBytes, isPooled, unsafeUnrenewed } = this.#options;
    if (unsafeUnrenewed === true) return undefined;
    return { bytes: memoryBytes * WORN_PART, growths: this.#growths, isFinal: isPooled };
  }

  /** How many instances were. */
  get renewed(): number {
    return this.#renewed;
  }

  /** An instance is about to be. @param calls that it had handled. @param actor default: the application's. */
  renew(calls: number, actor: string = this.#options.actor): void {
    this.#renewed += 1;
    const isSoon = calls < SOON && this.#neverEnds;
    this.#growths = isSoon ? Math.min(2 * this.#growths, MOST_GROWTHS) : LEAST_GROWTHS;
    const { logger, memoryBytes } = this.#options;
    logger.info({ actor, calls, memoryBytes }, 'its calls have nearly used up its memory: the instance is renewed');
  }

  /** An instance came to the end of its memory. */
  end(): void {
    this.#neverEnds = false;
    this.#growths = LEAST_GROWTHS;
  }
}
