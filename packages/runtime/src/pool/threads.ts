/** Where a pool's workers come from: piscina's threads, where a session lasts as long as its worker. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ComponentSource } from '@plexspaces/worker';
import { Piscina } from 'piscina';
import type { CallTimes } from './call-times.ts';
import { WASMWorker } from './wasm-worker.ts';
import type { WorkerOptions } from './wasm-worker.ts';
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
  readonly limits: Pick<WorkerLimits, 'heapBytes' | 'stackBytes' | 'cpuMs'>;
  readonly times?: CallTimes | undefined;
  readonly unsafeUnwatched?: boolean | undefined;
  readonly compileCacheDirectory?: string | undefined;
}

const MIB = 1_048_576;
/** A thread ends with its worker: the pool says how long those may be idle. 0 would be another setting of piscina's. */
const THREAD_IDLE_MS = 1;
/** What a guest holds lies outside of it, so that a larger one does not make calls faster; each thread fills it sooner or later. */
const YOUNG_MIB = 2;
const THREAD_FILE = fileURLToPath(import.meta.resolve('@plexspaces/worker/thread'));

export class PiscinaThreads implements Threads {
  readonly #piscina: Piscina;
  readonly #worker: WorkerOptions;

  constructor(options: ThreadOptions) {
    const { limits, times, unsafeUnwatched } = options;
    this.#worker = { cpuMs: limits.cpuMs, times, unsafeUnwatched };
    this.#piscina = new Piscina({
      filename: THREAD_FILE,
      name: 'session',
      minThreads: options.min,
      maxThreads: options.max,
      idleTimeout: THREAD_IDLE_MS,
      atomics: 'disabled', // the others stop the event loop that ports and comlink live on
      env: { NODE_COMPILE_CACHE: options.compileCacheDirectory ?? join(tmpdir(), 'node-compile-cache') },
      recordTiming: false,
      resourceLimits: {
        maxOldGenerationSizeMb: Math.ceil(options.limits.heapBytes / MIB),
        maxYoungGenerationSizeMb: YOUNG_MIB,
        stackSizeMb: options.limits.stackBytes / MIB,
      },
    });
  }

  start(component: ComponentSource): Promise<WASMWorker> {
    return WASMWorker.start(this.#piscina, component, this.#worker);
  }

  destroy(): Promise<void> {
    return this.#piscina.destroy();
  }
}
