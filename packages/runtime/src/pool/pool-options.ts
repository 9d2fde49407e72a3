/** What a pool is made of. */
import type { ComponentSource } from '@plexspaces/worker';
import type { ThreadBudget } from './thread-budget.ts';
import type { Threads } from './threads.ts';
import type { WASMWorker } from './wasm-worker.ts';
import type { Wear } from './wear.ts';
import type { WorkerLimits } from './worker-limits.ts';

export interface PoolSize {
  readonly min: number;
  readonly max: number;
  /** A worker above min that is idle this long ends. */
  readonly idleTimeoutMs: number;
  /** Callers that may wait; one more is refused with RESOURCE_EXHAUSTED (QUEUE_FULL). */
  readonly queueLimit: number;
}

export interface PoolOptions extends PoolSize {
  readonly name: string;
  readonly component: ComponentSource;
  readonly limits: Pick<WorkerLimits, 'heapBytes' | 'stackBytes' | 'cpuMs'>;
  /** Where threads keep what they compiled of JavaScript; default: Node's own place. */
  readonly compileCacheDirectory?: string | undefined;
  /** For negative controls in tests only; see WorkerOptions. */
  readonly unsafeUnwatched?: boolean | undefined;
  /** Default: piscina's. A simulation brings its own. */
  readonly threads?: Threads | undefined;
  /** What all pools of the node share; default: it is alone. */
  readonly threadBudget?: ThreadBudget | undefined;
  /** Worn instances in FIRST_SLOT are made afresh, by `prepare`. Default: they stay. */
  readonly wear?: Wear | undefined;
  /** Makes a new worker ready for its first caller, and once more where its instance is worn. */
  readonly prepare: (worker: WASMWorker) => Promise<void>;
  /** Whether a worker above min may end now that it was idle for long. Default: always. */
  readonly mayEnd?: (worker: WASMWorker) => boolean;
  /** Calls that wait in threads behind those that run: they are queued as the callers that wait here are. Default: none. */
  readonly callsBehind?: () => number;
  /** Brings it about that an idle worker may end, if nobody needs it meanwhile. Never rejects. */
  readonly vacate?: (worker: WASMWorker) => Promise<void>;
  /** Called when a worker became idle or does not wait any more, or there may be room for another. */
  readonly onRoom?: () => void;
}

export type CallEnd = 'completed' | 'failed' | 'unused';

export interface AcquireOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ShutdownOptions {
  readonly deadlineMs: number;
  readonly beforeTerminate?: () => void;
  readonly farewell?: (worker: WASMWorker) => Promise<void>;
}
