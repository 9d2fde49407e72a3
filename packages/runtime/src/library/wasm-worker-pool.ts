/** WASMWorkerPool for programs: interchangeable instances of one component, called in parallel. */
import type { PoolStats } from '../pool/pool-stats.ts';
import { resolveActorOptions } from './actor-options.ts';
import type { WorkerPoolOptions } from './actor-options.ts';
import { HostedActor } from './hosted-actor.ts';
import type { InvokeOptions, ShutdownOptions } from './patience.ts';
import type { ComponentInput } from './prepared-components.ts';

/**
 * `workers.min` workers are warm before the first call. The pool grows by one at a time while callers wait, up to
 * `workers.max`; further callers wait in a queue, first come, first served. A worker above min that is idle for
 * `workers.idleTimeoutMs` ends; one that died is replaced.
 */
export class WASMWorkerPool implements AsyncDisposable {
  readonly #hosted: HostedActor;

  /** Use `start`. */
  protected constructor(hosted: HostedActor) {
    this.#hosted = hosted;
  }

  /**
   * Prepares the component and warms `workers.min` instances.
   * @throws INVALID_ARGUMENT for a component or an option that is refused, NOT_FOUND where there is no such file,
   * FAILED_PRECONDITION where `init` says no.
   */
  static async start(component: ComponentInput, options: WorkerPoolOptions = {}): Promise<WASMWorkerPool> {
    return new WASMWorkerPool(await HostedActor.start(component, resolveActorOptions('service', options)));
  }

  /** The address that its guests have. */
  get service(): string {
    return this.#hosted.service;
  }

  /**
   * Calls the guest's `handle-request`: bytes are answered with bytes, a JSON value with the reply's JSON value (with
   * bytes where the reply is no JSON).
   * @throws EXECUTION_ERROR for the guest's own "no"; RESOURCE_EXHAUSTED (QUEUE_FULL) where too many wait, or past a
   * limit; DEADLINE_EXCEEDED, CANCELLED; INTERNAL (TRAP) where the instance died; UNAVAILABLE after `shutdown`.
   */
  invoke(method: string, input: Uint8Array, options?: InvokeOptions): Promise<Uint8Array>;
  invoke(method: string, input?: unknown, options?: InvokeOptions): Promise<unknown>;
  invoke(method: string, input: unknown = {}, options: InvokeOptions = {}): Promise<unknown> {
    return this.#hosted.invoke(method, input, options);
  }

  /** Workers that are there, those that run calls among them. */
  workerCount(): number {
    return this.#hosted.stats().total;
  }

  /** Workers that run calls. */
  activeWorkers(): number {
    return this.#hosted.stats().active;
  }

  stats(): PoolStats {
    return this.#hosted.stats();
  }

  /**
   * Takes nothing new (UNAVAILABLE) and lets calls that run and wait finish until the deadline; the others then fail
   * with UNAVAILABLE. Idle instances have their `shutdown` called. Once only; resolves when no thread is left.
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.#hosted.shutdown(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
