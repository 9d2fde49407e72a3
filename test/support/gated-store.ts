/** A store in memory whose batches wait at a gate and can be made to fail: a disk in a test's hands. */
import { setTimeout } from 'node:timers/promises';
import { MemoryStore } from '../../packages/runtime/src/store/memory-store.ts';
import type { Store, StoreOperation } from '../../packages/runtime/src/store/store.ts';
import { StoreInFront } from './store-in-front.ts';

export class GatedStore extends StoreInFront {
  /** The batches that reached the store, whatever became of them. */
  readonly batches: (readonly StoreOperation[])[] = [];
  readonly syncs: boolean[] = [];
  mostInFlight = 0;
  /** What each batch takes at the least: a slow disk. */
  batchMs = 0;
  #inFlight = 0;
  #gate: PromiseWithResolvers<void> | undefined;
  #failure: Error | undefined;
  #arrivals: (() => void)[] = [];

  constructor(inner: Store = new MemoryStore()) {
    super(inner);
  }

  /** From now on batches wait. */
  hold(): void {
    this.#gate ??= Promise.withResolvers();
  }

  /** Lets what waits pass, and what comes. */
  open(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** Lets what waits pass; what comes after it waits again. */
  step(): void {
    const gate = this.#gate;
    this.#gate = Promise.withResolvers();
    gate?.resolve();
  }

  /** Batches that are at the gate, or come to it, fail; undefined: no more. */
  failWith(failure: Error | undefined): void {
    this.#failure = failure;
  }

  /** Resolves when `count` batches have come. */
  async arrived(count: number): Promise<void> {
    while (this.batches.length < count) await new Promise<void>((resolve) => this.#arrivals.push(resolve));
  }

  override async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    this.batches.push(operations);
    this.syncs.push(options.sync);
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    for (const resolve of this.#arrivals.splice(0)) resolve();
    try {
      await this.#gate?.promise;
      if (this.batchMs > 0) await setTimeout(this.batchMs);
      if (this.#failure !== undefined) throw this.#failure;
      await super.batch(operations, options);
    } finally {
      this.#inFlight -= 1;
    }
  }
}
