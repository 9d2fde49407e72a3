/**
 * The durable actors of one application: which keys are there, and how much may wait for them.
 *
 * It owns the pool and the actors. Where their instances live is Residents' business.
 *
 * D1. A key has one DurableActor as long as it has an instance, a message or a divergence to tell of.
 * D2. Messages waiting or running in the application are bounded by the queue limit.
 * D3. What a crash interrupted is finished in the background after the start; a call to such an actor waits for it.
 */
import { DEFAULT_KEY, formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { InboxRecord } from '@plexspaces/proto';
import type { CallTimes } from '../pool/call-times.ts';
import { Drain } from '../pool/drain.ts';
import { isStarved } from '../pool/pool-stats.ts';
import { WASMWorkerPool } from '../pool/wasm-worker-pool.ts';
import type { PoolStats } from '../pool/pool-stats.ts';
import { Wear } from '../pool/wear.ts';
import type { StoreOperation } from '../store/store.ts';
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
import { DeliveryAttempts } from './delivery-attempts.ts';
import { DurableActor } from './durable-actor.ts';
import { dropQuarantined, QuarantinedMessage } from './quarantined-message.ts';
import { IdlePassivation } from './idle-passivation.ts';
import { Residents } from './residents.ts';
import { RestartCounts } from './restart-counts.ts';
import { expectPayloadSize } from './size-limits.ts';

export class DurableActors implements ActorHost, DurableKeys {
  readonly #options: ActorHostOptions;
  readonly #pool: WASMWorkerPool;
  readonly #residents: Residents<DurableActor>;
  readonly #wear: Wear;
  readonly #actors = new Map<string, DurableActor>();
  readonly #restarts = new RestartCounts();
  readonly #deliveries: DeliveryAttempts;
  readonly #drain = new Drain(() => this.#pending === 0);
  #pending = 0;
  /** Of those, messages of the inbox. */
  #delivered = 0;
  #processed = 0;
  #errors = 0;
  #isClosed = false;
  #isStopping = false;
  #passivation: IdlePassivation | undefined;

  constructor(options: ActorHostOptions) {
    const { settings, component } = options;
    this.#options = options;
    const { limits, service } = settings;
    const { logger, unsafeUnrenewed } = options;
    this.#wear = new Wear({
      actor: service,
      memoryBytes: limits.memoryBytes,
      isPooled: false,
      logger,
      unsafeUnrenewed,
    });
    this.#pool = new WASMWorkerPool({
      ...settings.workers,
      name: settings.service,
      component,
      limits: settings.limits,
      compileCacheDirectory: options.compileCacheDirectory,
      threads: options.threads,
      threadBudget: options.threadBudget,
      unsafeUnwatched: options.unsafeUnwatched,
      prepare: () => Promise.resolve(), // an instance is made for a key, when there is one
      mayEnd: (worker) => this.#residents.isEmpty(worker),
      onRoom: () => this.#residents.serve(),
      vacate: (worker) => this.#residents.vacate(worker),
    });
    this.#deliveries = new DeliveryAttempts({
      isWaiting: (key) => options.ports.inbox.first(this.#address(key)) !== undefined,
      take: (key) => this.#pendDelivered(key),
      onFailure: (key, error) => this.#logFailure(key, error, 'a message could not be handed to its actor'),
    });
    const { residentActors } = settings;
    this.#residents = new Residents(this.#pool, {
      perWorker: residentActors,
      onGone: (actor) => this.#dropUnused(actor),
    });
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
    const { ports, settings } = this.#options;
    this.#passivation = new IdlePassivation(this.#residents, settings.workers.idleTimeoutMs);
    ports.liveActors.add(this.#residents);
    ports.inbox.attach(settings.service, (key) => void this.#deliveries.take(key));
    void this.#wakeInterrupted();
  }

  async invoke(call: ActorCall): Promise<Uint8Array> {
    expectPayloadSize(call.payload, this.#options.settings.limits);
    this.#expectOpen();
    this.#expectRoom();
    const { fromActor, method: messageType, payload, idempotencyKey = '' } = call;
    const message = { fromActor, messageType, payload, idempotencyKey };
    const patience = startPatience(call.timeoutMs, call.signal);
    const pending = this.#pend(call.key, (actor) => actor.post(message, patience.signal));
    try {
      const reply = await untilAborted(pending, patience.signal);
      this.#processed += 1;
      return reply;
    } catch (thrown) {
      this.#errors += 1;
      throw thrown;
    } finally {
      patience[Symbol.dispose]();
    }
  }

  deliver(address: ActorAddress, message: InboxRecord): readonly StoreOperation[] {
    this.#expectOpen();
    return this.#options.ports.inbox.put(address, message);
  }

  isPending({ key }: ActorAddress, fromActor: string): boolean {
    return this.#actors.get(key)?.handlesMessageOf === fromActor;
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

  /** It counts as a waiting message (D2). */
  async checkpoint(key: string, signal: AbortSignal): Promise<CheckpointResult> {
    return await this.#inTurn(key, signal, (actor, waiting) => actor.checkpoint(waiting));
  }

  isInUse(key: string): boolean {
    return this.#actors.has(key);
  }

  /** It counts as a waiting message (D2). */
  async betweenMessages<T>(
    key: string,
    work: (between: BetweenMessages) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return await this.#inTurn(key, signal, (actor, waiting) => actor.betweenMessages(work, waiting));
  }

  async retryQuarantined(key: string, sequence: bigint, signal: AbortSignal): Promise<Uint8Array> {
    const actor = this.#address(key);
    const retry = async (between: BetweenMessages): Promise<Uint8Array> => {
      const message = await QuarantinedMessage.find(actor, sequence, this.#options.ports);
      await between.activate();
      return await message.retry((this.statusOf(key)?.sequence ?? 0n) + 1n, between);
    };
    return await this.betweenMessages(key, retry, signal);
  }

  async dropQuarantined(key: string, sequence: bigint, signal: AbortSignal): Promise<void> {
    const drop = (): Promise<void> => dropQuarantined(this.#address(key), sequence, this.#options.ports);
    await this.betweenMessages(key, drop, signal);
  }

  get times(): CallTimes {
    return this.#pool.times;
  }

  stats(): PoolStats {
    const stats = this.#pool.stats();
    return { ...stats, queued: Math.max(0, this.#pending - stats.active), renewed: this.#wear.renewed };
  }

  actorCount(): number {
    return this.#residents.size;
  }

  messageCounts(): { processed: number; errors: number } {
    return { processed: this.#processed, errors: this.#errors };
  }

  /** What was posted before runs to its end, or until the deadline. */
  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#isClosed = true;
    this.#options.ports.inbox.detach(this.#options.settings.service);
    this.#deliveries[Symbol.dispose]();
    this.#passivation?.[Symbol.dispose]();
    this.#options.ports.liveActors.delete(this.#residents);
    const giveUpAt = performance.now() + deadlineMs;
    await this.#drain.wait(deadlineMs);
    const remainingMs = Math.max(1, giveUpAt - performance.now()); // the idle ones take their leave in any case
    await this.#pool.shutdown({
      deadlineMs: deadlineMs === 0 ? 0 : remainingMs,
      beforeTerminate: () => {
        this.#isStopping = true;
        this.#residents.close(this.#closed());
      },
      farewell: async (worker) => {
        for (const actor of this.#residents.of(worker)) await actor.farewell();
      },
    });
  }

  /** D3. As many at once as there are threads for. A start that is cut short leaves the rest to the next one. */
  async #wakeInterrupted(): Promise<void> {
    const { ports, settings, logger } = this.#options;
    const keys = ports.unfinished.keys(settings.service);
    const wakeNext = async (): Promise<void> => {
      for (let next = await keys.next(); next.done !== true && !this.#isClosed; next = await keys.next()) {
        await this.#wake(next.value);
      }
    };
    try {
      if (settings.kind === 'singleton') await this.#wake(DEFAULT_KEY); // it lives as long as the application
      await Promise.all(Array.from({ length: settings.workers.max }, wakeNext));
    } catch (err) {
      logger.error({ err }, 'interrupted messages could not be looked for');
    }
  }

  async #wake(key: string): Promise<void> {
    try {
      await this.#pend(key, (actor) => actor.wake(undefined));
    } catch (thrown) {
      this.#logFailure(key, thrown, 'an actor could not be recovered');
    }
  }

  #logFailure(key: string, thrown: unknown, what: string): void {
    if (this.#isClosed) return; // it is the next start's
    const actor = formatActorAddress(this.#address(key));
    this.#options.logger.error({ actor, error: PlexSpacesError.from(thrown).message }, what);
  }

  async #pendDelivered(key: string): Promise<void> {
    this.#delivered += 1;
    try {
      await this.#pend(key, (actor) => actor.takeDelivered());
    } finally {
      this.#delivered -= 1;
    }
  }

  async #inTurn<T>(
    key: string,
    signal: AbortSignal,
    start: (actor: DurableActor, waiting: AbortSignal) => Promise<T>,
  ): Promise<T> {
    this.#expectOpen();
    this.#expectRoom();
    return await untilAborted(
      this.#pend(key, (actor) => start(actor, signal)),
      signal,
    );
  }

  /** Something for a key, which waits or runs until it has settled; it is no more when its caller learns of that. */
  #pend<T>(key: string, start: (actor: DurableActor) => Promise<T>): Promise<T> {
    const actor = this.#actor(key);
    this.#pending += 1;
    const over = (): void => {
      this.#pending -= 1;
      this.#drain.look();
      this.#dropUnused(actor);
    };
    const result = start(actor);
    result.then(over, over);
    return result;
  }

  #address(key: string): ActorAddress {
    return { service: this.#options.settings.service, key };
  }

  #actor(key: string): DurableActor {
    const found = this.#actors.get(key);
    if (found !== undefined) return found;
    const made = new DurableActor(this.#address(key), {
      host: this.#options,
      residents: this.#residents,
      isStopping: () => this.#isStopping,
      isStarved: () => isStarved(this.stats()),
      isClosed: () => this.#isClosed,
      onFailure: () => this.#restarts.count(key),
      wear: this.#wear,
      waitTimes: this.#pool.times.wait,
    });
    this.#actors.set(key, made);
    return made;
  }

  /** A key without instance and without anything to do leaves no trace in memory (D1). */
  #dropUnused(actor: DurableActor): void {
    const { key } = actor.address;
    if (this.#actors.get(key) !== actor) return; // it was dropped before, and the key has another one now
    if (actor.isIdle && !this.#residents.has(actor)) this.#actors.delete(key);
  }

  #expectOpen(): void {
    if (this.#isClosed) throw this.#closed();
  }

  #closed(): PlexSpacesError {
    return new PlexSpacesError('UNAVAILABLE', `${this.#options.settings.service} is shutting down`);
  }

  #expectRoom(): void {
    const { queueLimit, max } = this.#options.settings.workers;
    if (this.#pending - this.#delivered < queueLimit + max) return; // D2; the inbox has a bound of its own
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `${this.#options.settings.service}: expected at most ${queueLimit} waiting messages, found one more`,
      { reason: 'QUEUE_FULL' },
    );
  }
}
