/**
 * A store in memory in which each batch takes effect when its turn comes, and which remembers them all: every
 * state in which a crash could have left it can be made again.
 */
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import type { KeyRange, Store, StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import type { Steps } from './steps.ts';

export class SteppedStore implements Store {
  readonly #inner: MemoryStore;
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
    this.#inner = inner;
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

  async batch(operations: readonly StoreOperation[], { sync }: { readonly sync: boolean }): Promise<void> {
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
    await this.#inner.batch(kept);
    this.batches.push(kept);
    this.syncs.push(sync);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#inner.get(key);
  }

  range(range: KeyRange): AsyncIterable<readonly [key: string, value: Uint8Array]> {
    return this.#inner.range(range);
  }

  edgeKey(range: KeyRange, edge: 'first' | 'last'): Promise<string | undefined> {
    return this.#inner.edgeKey(range, edge);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
