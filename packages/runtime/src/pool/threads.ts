/** Where a pool's workers come from: piscina's threads, where a session lasts as long as its worker. */
import { fileURLToPath } from 'node:url';
import type { ComponentSource } from '@plexspaces/worker';
import { Piscina } from 'piscina';
import { WASMWorker } from './wasm-worker.ts';
import type { WorkerLimits } from './worker-limits.ts';

/** A part of its own so that a simulation can bring other ones. */
export interface Threads {
  /** Takes a thread and loads the component. @throws UNAVAILABLE where no thread comes up in time. */
  start(component: ComponentSource): Promise<WASMWorker>;
  /** Ends those that are left. */
  destroy(): Promise<void>;
}

export interface ThreadOptions {
  readonly min: number;
  readonly max: number;
  readonly idleTimeoutMs: number;
  readonly limits: Pick<WorkerLimits, 'heapBytes' | 'stackBytes'>;
  readonly compileCacheDirectory?: string | undefined;
}

const MIB = 1_048_576;
const THREAD_FILE = fileURLToPath(import.meta.resolve('@plexspaces/worker/thread'));

export class PiscinaThreads implements Threads {
  readonly #piscina: Piscina;

  constructor(options: ThreadOptions) {
    this.#piscina = new Piscina({
      filename: THREAD_FILE,
      name: 'session',
      minThreads: options.min,
      maxThreads: options.max,
      idleTimeout: options.idleTimeoutMs,
      atomics: 'disabled', // the others stop the event loop that ports and comlink live on
      env: {},
      workerData: { compileCacheDirectory: options.compileCacheDirectory },
      recordTiming: false,
      resourceLimits: {
        maxOldGenerationSizeMb: Math.ceil(options.limits.heapBytes / MIB),
        stackSizeMb: options.limits.stackBytes / MIB,
      },
    });
  }

  start(component: ComponentSource): Promise<WASMWorker> {
    return WASMWorker.start(this.#piscina, component);
  }

  destroy(): Promise<void> {
    return this.#piscina.destroy();
  }
}
