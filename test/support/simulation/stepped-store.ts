/**
 * A store in memory in which each batch takes effect when its turn comes, and which remembers them all: every
 * state in which a crash could have left it can be made again.
 */
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { StoreInFront } from '../store-in-front.ts';
import type { Steps } from './steps.ts';

export class SteppedStore extends StoreInFront {
  readonly #steps: Steps;
  /** Those that took effect, from the beginning of the store's life on. */
  readonly batches: (readonly StoreOperation[])[];
  /** Of the batches that took effect: whether they were synced. */
  readonly syncs: boolean[] = [];
  mostInFlight = 0;
  #inFlight = 0;
  #breaks = false;
  #isBroken = false;
  /** Batches that came behind the one that failed. */
  behindFailure = 0;

  private constructor(inner: MemoryStore, steps: Steps, batches: readonly (readonly StoreOperation[])[]) {
    super(inner);
    this.#steps = steps;
    this.batches = [...batches];
  }

  /** As it was when these batches had taken effect. */
  static async of(steps: Steps, batches: readonly (readonly StoreOperation[])[] = []): Promise<SteppedStore> {
    const inner = new MemoryStore();
    for (const batch of batches) await inner.batch(batch);
    return new SteppedStore(inner, steps, batches);
  }

  /** The next batch fails; the disk is whole again behind it. */
  breakOnce(): void {
    this.#breaks = true;
  }

  override async batch(operations: readonly StoreOperation[], { sync }: { readonly sync: boolean }): Promise<void> {
    const kept = [...operations];
    if (this.#isBroken) this.behindFailure += 1;
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    await this.#steps.turn('batch');
    this.#inFlight -= 1;
    if (this.#breaks) {
      this.#breaks = false;
      this.#isBroken = true;
      throw new Error('the disk is broken');
    }
    await super.batch(kept, { sync });
    this.batches.push(kept);
    this.syncs.push(sync);
  }
}
