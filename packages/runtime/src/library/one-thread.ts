/** Threads of which there is one, once: what ended is not replaced. */
import { PlexSpacesError } from '@plexspaces/core';
import type { ComponentSource } from '@plexspaces/worker';
import type { Threads } from '../pool/threads.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';

export class OneThread implements Threads {
  readonly #threads: Threads;
  #worker: WASMWorker | undefined;
  #isTaken = false;

  constructor(threads: Threads) {
    this.#threads = threads;
  }

  get isUsable(): boolean {
    return this.#worker?.isUsable === true;
  }

  terminate(): void {
    this.#worker?.terminate(ended());
  }

  async start(component: ComponentSource): Promise<WASMWorker> {
    if (this.#isTaken) throw ended();
    this.#isTaken = true;
    this.#worker = await this.#threads.start(component);
    return this.#worker;
  }

  destroy(): Promise<void> {
    return this.#threads.destroy();
  }
}

function ended(): PlexSpacesError {
  return new PlexSpacesError('UNAVAILABLE', 'the worker has ended');
}
