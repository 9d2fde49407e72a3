/**
 * The durable actors of one application: which keys are live, and which worker holds whose instance.
 *
 * It owns the pool and the pinning of keys to workers.
 *
 * D1. A worker holds the instance of one key; another key gets a fresh instance, never that one.
 * D2. A key has one DurableActor as long as it has an instance, a message or a divergence to tell of.
 * D3. Messages waiting or running in the application are bounded by the queue limit.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { WASMWorkerPool } from '../pool/wasm-worker-pool.ts';
import type { PoolStats } from '../pool/wasm-worker-pool.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';
import type {
  ActorCall,
  ActorHost,
  ActorHostOptions,
  BetweenMessages,
  DurableActorStatus,
  DurableKeys,
} from './actor-host.ts';
import type { CheckpointResult } from './checkpoints.ts';
import { startPatience, untilAborted } from './deadline.ts';
import { DurableActor } from './durable-actor.ts';
import type { WorkerLease } from './durable-actor.ts';
import { RestartCounts } from './restart-counts.ts';
import { expectPayloadSize } from './size-limits.ts';

export class DurableActors implements ActorHost, DurableKeys, WorkerLease {
  readonly #options: ActorHostOptions;
  readonly #pool: WASMWorkerPool;
  readonly #actors = new Map<string, DurableActor>();
  readonly #workerOf = new Map<DurableActor, WASMWorker>();
  readonly #residentOf = new Map<WASMWorker, DurableActor>();
  readonly #watched = new WeakSet<WASMWorker>();
  readonly #restarts = new RestartCounts();
  #pending = 0;
  #processed = 0;
  #errors = 0;
  #isClosed = false;
  #isStopping = false;
  #onSettled: (() => void) | undefined;

  constructor(options: ActorHostOptions) {
    const { settings, component } = options;
    this.#options = options;
    this.#pool = new WASMWorkerPool({
      ...settings.workers,
      name: settings.service,
      component,
      limits: settings.limits,
      compileCacheDirectory: options.compileCacheDirectory,
      prepare: () => Promise.resolve(), // the instance is made for a key, when there is one
    });
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Beside the threads it proves that the component starts, which otherwise only a first call would tell. */
  async start(): Promise<void> {
    await this.#pool.start();
    const worker = await this.#pool.acquire();
    try {
      const { environment, settings } = this.#options;
      await worker.activate({ actor: settings.service, environment, logBytesPerSecond: 0 });
      this.#pool.release(worker, 'unused');
    } catch (thrown) {
      this.#pool.release(worker, 'failed');
      await this.#pool.shutdown({ deadlineMs: 0 }); // nobody holds what did not start
      throw thrown;
    }
  }

  async invoke(call: ActorCall): Promise<Uint8Array> {
    expectPayloadSize(call.payload, this.#options.settings.limits);
    this.#expectOpen();
    this.#expectRoom();
    using patience = startPatience(call.timeoutMs, call.signal);
    const { fromActor, method: messageType, payload, idempotencyKey = '' } = call;
    const message = { fromActor, messageType, payload, idempotencyKey };
    const reply = this.#pend(call.key, (actor) => actor.post(message, patience.signal));
    return await this.#counted(untilAborted(reply, patience.signal)); // patience lasts until then
  }

  async borrow(actor: DurableActor, signal: AbortSignal): Promise<{ worker: WASMWorker; holdsInstance: boolean }> {
    const prefer = this.#workerOf.get(actor);
    const worker = await this.#pool.acquire({ prefer, growFirst: true, signal });
    const holdsInstance = this.#residentOf.get(worker) === actor;
    if (!holdsInstance) {
      await this.#residentOf.get(worker)?.passivate();
      this.#evict(this.#residentOf.get(worker)); // D1; meanwhile it may have gone to another worker
      this.#forget(actor);
      this.#pin(actor, worker);
    }
    return { worker, holdsInstance };
  }

  giveBack(actor: DurableActor, worker: WASMWorker, outcome: 'completed' | 'failed' | 'unused'): void {
    if (outcome === 'failed' && !this.#isStopping) this.#restarts.count(actor.address.key);
    if (!worker.isUsable) this.#forget(actor);
    this.#pool.release(worker, outcome);
  }

  dropInstance(actor: DurableActor): void {
    this.#forget(actor);
  }

  get durable(): DurableKeys {
    return this;
  }

  restartsOf(key: string): number {
    return this.#restarts.of(key);
  }

  statusOf(key: string): DurableActorStatus | undefined {
    return this.#actors.get(key)?.status;
  }

  /** It counts as a waiting message (D3). */
  async checkpoint(key: string, signal: AbortSignal): Promise<CheckpointResult> {
    this.#expectOpen();
    this.#expectRoom();
    using patience = startPatience(undefined, signal);
    const result = this.#pend(key, (actor) => actor.checkpoint(patience.signal));
    return await untilAborted(result, patience.signal); // patience lasts until then
  }

  isInUse(key: string): boolean {
    return this.#actors.has(key);
  }

  /** It counts as a waiting message (D3). */
  async betweenMessages<T>(
    key: string,
    work: (between: BetweenMessages) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    this.#expectOpen();
    this.#expectRoom();
    using patience = startPatience(undefined, signal);
    const result = this.#pend(key, (actor) => actor.betweenMessages(work, patience.signal));
    return await untilAborted(result, patience.signal); // patience lasts until then
  }

  retryQuarantined(): Promise<Uint8Array> {
    return Promise.reject(new PlexSpacesError('UNIMPLEMENTED', 'RetryQuarantined is not served by this node yet'));
  }

  async dropQuarantined(key: string, sequence: bigint, signal: AbortSignal): Promise<void> {
    const { quarantine, writer } = this.#options.ports;
    const actor = { service: this.#options.settings.service, key };
    const drop = async (): Promise<void> => {
      await writer.synced(writer.lsn); // it is looked for in the store
      if (!(await quarantine.has(actor, sequence))) throw notInQuarantine(actor, sequence);
      writer.append([quarantine.delete(actor, sequence)]);
    };
    await this.betweenMessages(key, drop, signal);
  }

  stats(): PoolStats {
    const stats = this.#pool.stats();
    return { ...stats, queued: Math.max(0, this.#pending - stats.active) };
  }

  actorCount(): number {
    return this.#residentOf.size;
  }

  messageCounts(): { processed: number; errors: number } {
    return { processed: this.#processed, errors: this.#errors };
  }

  /** What was posted before runs to its end, or until the deadline. */
  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#isClosed = true;
    const giveUpAt = performance.now() + deadlineMs;
    await this.#whenSettled(deadlineMs);
    const remainingMs = Math.max(1, giveUpAt - performance.now()); // the idle ones take their leave in any case
    await this.#pool.shutdown({
      deadlineMs: deadlineMs === 0 ? 0 : remainingMs,
      beforeTerminate: () => (this.#isStopping = true),
      farewell: async (worker) => this.#residentOf.get(worker)?.farewell(),
    });
  }

  #whenSettled(deadlineMs: number): Promise<void> {
    if (this.#pending === 0 || deadlineMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.#onSettled = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Something for a key, which waits or runs until it has settled. */
  #pend<T>(key: string, start: (actor: DurableActor) => Promise<T>): Promise<T> {
    const actor = this.#actor(key);
    this.#pending += 1;
    return start(actor).finally(() => {
      this.#pending -= 1;
      if (this.#pending === 0) this.#onSettled?.();
      this.#dropUnused(actor);
    });
  }

  async #counted(reply: Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      const payload = await reply;
      this.#processed += 1;
      return payload;
    } catch (thrown) {
      this.#errors += 1;
      throw thrown;
    }
  }

  #actor(key: string): DurableActor {
    const found = this.#actors.get(key);
    if (found !== undefined) return found;
    const made = new DurableActor({ service: this.#options.settings.service, key }, this.#options, this);
    this.#actors.set(key, made);
    return made;
  }

  #pin(actor: DurableActor, worker: WASMWorker): void {
    this.#workerOf.set(actor, worker);
    this.#residentOf.set(worker, actor);
    if (this.#watched.has(worker)) return; // once for each worker, or `ended` would hold on to every key (D2)
    this.#watched.add(worker);
    void worker.ended.then(() => this.#evict(this.#residentOf.get(worker)));
  }

  #evict(actor: DurableActor | undefined): void {
    if (actor === undefined) return;
    this.#forget(actor);
    this.#dropUnused(actor);
  }

  /** A key without instance and without anything to do leaves no trace in memory (D2). */
  #dropUnused(actor: DurableActor): void {
    if (actor.isIdle && !this.#workerOf.has(actor)) this.#actors.delete(actor.address.key);
  }

  #forget(actor: DurableActor): void {
    const worker = this.#workerOf.get(actor);
    if (worker !== undefined) this.#residentOf.delete(worker);
    this.#workerOf.delete(actor);
    actor.forgetInstance();
  }

  #expectOpen(): void {
    if (!this.#isClosed) return;
    throw new PlexSpacesError('UNAVAILABLE', `${this.#options.settings.service} is shutting down`);
  }

  #expectRoom(): void {
    const { queueLimit, max } = this.#options.settings.workers;
    if (this.#pending < queueLimit + max) return; // D3
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `${this.#options.settings.service}: expected at most ${queueLimit} waiting messages, found one more`,
      { reason: 'QUEUE_FULL' },
    );
  }
}

function notInQuarantine(actor: ActorAddress, sequence: bigint): PlexSpacesError {
  const expected = `expected message ${sequence} of ${formatActorAddress(actor)}`;
  return new PlexSpacesError('NOT_FOUND', `quarantine: ${expected}, found none`);
}
