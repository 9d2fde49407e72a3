/** The threads of a simulated node, any of which may be ended at any time. */
import { PlexSpacesError } from '@plexspaces/core';
import type { Threads } from '../../../packages/runtime/src/pool/threads.ts';
import type { WASMWorker } from '../../../packages/runtime/src/pool/wasm-worker.ts';
import { ModelThread } from './model-thread.ts';
import type { ModelThreadOptions } from './model-thread.ts';

export class ModelThreads implements Threads {
  readonly #options: ModelThreadOptions;
  readonly #threads: ModelThread[] = [];
  #isOver = false;

  constructor(options: ModelThreadOptions) {
    this.#options = options;
  }

  get alive(): ModelThread[] {
    return this.#threads.filter(({ isAlive }) => isAlive);
  }

  async start(): Promise<WASMWorker> {
    await this.#options.steps.turn('a thread starts');
    if (this.#isOver) throw over();
    const thread = new ModelThread(this.#options);
    this.#threads.push(thread);
    // It shows all that WASMWorker shows; only the private fields of a class tell the two apart.
    return thread as unknown as WASMWorker;
  }

  /** The n-th of those that are there, counted around. */
  kill(which: number): void {
    const { alive } = this;
    alive[which % Math.max(1, alive.length)]?.terminate(new PlexSpacesError('UNAVAILABLE', 'the thread was killed'));
  }

  async destroy(): Promise<void> {
    this.#isOver = true;
    for (const thread of this.alive) thread.terminate(over());
  }
}

function over(): PlexSpacesError {
  return new PlexSpacesError('UNAVAILABLE', 'the threads were ended');
}
