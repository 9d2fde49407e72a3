/** WASMWorker for programs: one thread with one instance, to hold as long as they like. */
import { PiscinaThreads } from '../pool/threads.ts';
import { resolveActorOptions } from './actor-options.ts';
import type { PoolWorkers, WorkerPoolOptions } from './actor-options.ts';
import { HostedActor } from './hosted-actor.ts';
import { OneThread } from './one-thread.ts';
import type { InvokeOptions, ShutdownOptions } from './patience.ts';
import type { ComponentInput } from './prepared-components.ts';

export interface WorkerOptions extends Omit<WorkerPoolOptions, 'workers'> {
  readonly workers?: Pick<PoolWorkers, 'queueLimit'> | undefined;
}

/**
 * Calls run one at a time, in their order. What ends the instance (a trap, a deadline that passed while it ran, a
 * limit, `terminate`) ends the worker: from then on calls fail with UNAVAILABLE, and nothing takes its place.
 */
export class WASMWorker implements AsyncDisposable {
  readonly #hosted: HostedActor;
  readonly #thread: OneThread;

  private constructor(hosted: HostedActor, thread: OneThread) {
    this.#hosted = hosted;
    this.#thread = thread;
  }

  /** As WASMWorkerPool.start. */
  static async start(component: ComponentInput, options: WorkerOptions = {}): Promise<WASMWorker> {
    const resolved = resolveActorOptions('singleton', options);
    const { workers, limits } = resolved.settings;
    const made = Promise.withResolvers<OneThread>();
    const hosted = await HostedActor.start(component, resolved, (compileCacheDirectory) => {
      const thread = new OneThread(new PiscinaThreads({ ...workers, limits, compileCacheDirectory }));
      made.resolve(thread);
      return thread;
    });
    return new WASMWorker(hosted, await made.promise);
  }

  /** As WASMWorkerPool.invoke. */
  invoke(method: string, input: Uint8Array, options?: InvokeOptions): Promise<Uint8Array>;
  invoke(method: string, input?: unknown, options?: InvokeOptions): Promise<unknown>;
  invoke(method: string, input: unknown = {}, options: InvokeOptions = {}): Promise<unknown> {
    return this.#hosted.invoke(method, input, options);
  }

  /** False once its instance or its thread ended. */
  get isUsable(): boolean {
    return this.#thread.isUsable;
  }

  /** Ends the thread at once; calls that run and wait fail with UNAVAILABLE. */
  terminate(): Promise<void> {
    this.#thread.terminate(); // also where a shutdown is under way that waits for its calls
    return this.#hosted.shutdown({ deadline: 0 });
  }

  /** Takes nothing new, lets calls finish until the deadline, calls the guest's `shutdown`, ends the thread. */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.#hosted.shutdown(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
