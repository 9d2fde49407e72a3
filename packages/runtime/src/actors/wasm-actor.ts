/**
 * WASMActor: stateless calls on a pool of interchangeable instances. WASMSingletonActor is the same with
 * exactly one instance, whose state all calls share, one at a time.
 *
 * It owns its pool. Nothing of it survives the process but what its host calls put into the node.
 */
import { DEFAULT_KEY, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { InboxRecord } from '@plexspaces/proto';
import type { GuestOutcome, GuestTarget } from '@plexspaces/worker';
import type { HostScope } from '../host/scope.ts';
import type { CallTimes } from '../pool/call-times.ts';
import { PoolCalls } from '../pool/pool-calls.ts';
import { isStarved } from '../pool/pool-stats.ts';
import { WASMWorkerPool } from '../pool/wasm-worker-pool.ts';
import type { PoolStats } from '../pool/pool-stats.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';
import { Wear } from '../pool/wear.ts';
import type { StoreOperation } from '../store/store.ts';
import type { ActorCall, ActorHost, ServiceHostOptions } from './actor-host.ts';
import { noMessages } from './core-modules.ts';
import { startPatience } from './deadline.ts';
import { PendingSenders } from './pending-senders.ts';
import { callOf, ServiceCall } from './service-call.ts';
import type { ServiceCallPorts } from './service-call.ts';
import { ServiceGuest } from './service-guest.ts';
import type { ServiceGuestPorts } from './service-guest.ts';
import { expectPayloadSize } from './size-limits.ts';

const FAREWELL_TIMEOUT_MS = 5_000;

type Caller = Pick<ActorCall, 'timeoutMs' | 'signal' | 'asker'>;

export class WASMActor implements ActorHost {
  readonly durable = undefined;
  readonly #options: ServiceHostOptions;
  readonly #pool: WASMWorkerPool;
  readonly #wear: Wear | undefined;
  readonly #calls: PoolCalls;
  readonly #scope: HostScope;
  readonly #guestPorts: ServiceGuestPorts;
  readonly #callPorts: ServiceCallPorts;
  readonly #pendingSenders = new PendingSenders();
  #processed = 0;
  #errors = 0;

  constructor(options: ServiceHostOptions) {
    const { settings, component } = options;
    this.#options = options;
    const { service, tenant, namespace, capabilities } = settings;
    this.#scope = {
      actor: service,
      address: { service, key: DEFAULT_KEY },
      isDurable: false,
      tenant,
      namespace,
      capabilities,
      isStarved: () => isStarved(this.stats()),
    };
    const { hostCalls, waits } = options.ports;
    const asked = { actor: service, service, isExclusive: false };
    this.#guestPorts = { hostCalls, waits, logger: options.logger, scope: this.#scope, asked };
    this.#wear = settings.kind === 'service' ? wearOf(options) : undefined; // of a singleton all state would go with it
    this.#pool = new WASMWorkerPool({
      ...settings.workers,
      name: settings.service,
      component,
      limits: settings.limits,
      compileCacheDirectory: options.compileCacheDirectory,
      threadBudget: options.threadBudget,
      unsafeUnwatched: options.unsafeUnwatched,
      threads: options.threads,
      wear: this.#wear,
      prepare: (worker) => this.#initialise(worker),
      callsBehind: () => this.#calls.behind,
    });
    this.#callPorts = {
      limits: settings.limits,
      waitTimes: this.#pool.times.wait,
      guests: this.#guestPorts,
      onEnd: (error) => this.#count(error),
    };
    this.#calls = new PoolCalls(this.#pool, settings.workers.queueLimit);
  }

  start(): Promise<void> {
    return this.#pool.start();
  }

  /** No promise is made for it beside the one that it gives back: each costs more than a short call. */
  invoke(call: ActorCall): Promise<Uint8Array> {
    const { fromActor, method: messageType, payload } = call;
    try {
      expectPayloadSize(payload, this.#options.settings.limits);
    } catch (thrown) {
      return Promise.reject(PlexSpacesError.from(thrown));
    }
    return this.#enter({ export: 'handle-request', fromActor, messageType, payload }, call);
  }

  /** Nothing is kept of it, and nobody is told what becomes of it. @throws UNIMPLEMENTED of a core module. */
  deliver(_address: ActorAddress, { fromActor, messageType, payload }: InboxRecord): readonly StoreOperation[] {
    if (this.#options.component.kind === 'core-module') throw noMessages(this.#scope.actor);
    this.#pool.expectOpen();
    const { actor } = this.#scope;
    const ended = this.#pendingSenders.begin(fromActor);
    const handled = this.#enter({ export: 'handle-message', fromActor, messageType, payload }, {});
    handled.then(ended, (thrown: unknown) => {
      ended();
      const error = PlexSpacesError.from(thrown).message;
      this.#options.logger.warn({ actor, fromActor, messageType, error }, 'a message was not handled');
    });
    return [];
  }

  isPending(_address: ActorAddress, fromActor: string): boolean {
    return this.#pendingSenders.has(fromActor);
  }

  #enter(target: GuestTarget, { timeoutMs, signal, asker }: Caller): Promise<Uint8Array> {
    const call = new ServiceCall(this.#callPorts, target, startPatience(timeoutMs, signal), asker);
    this.#calls.run(call);
    return call.reply;
  }

  get times(): CallTimes {
    return this.#pool.times;
  }

  stats(): PoolStats {
    return this.#pool.stats();
  }

  actorCount(): number {
    return this.#pool.stats().total;
  }

  messageCounts(): { processed: number; errors: number } {
    return { processed: this.#processed, errors: this.#errors };
  }

  stop(options: { deadlineMs: number }): Promise<void> {
    return this.#pool.shutdown({ ...options, farewell: (worker) => this.#farewell(worker) });
  }

  async #initialise(worker: WASMWorker): Promise<void> {
    const { environment, initialState, settings } = this.#options;
    const { logBytesPerSecond, replyBytes, callMs } = settings.limits;
    const wear = this.#wear?.limit;
    await worker.activate({ actor: settings.service, environment, logBytesPerSecond, replyBytes, wear });
    const outcome = await this.#call(worker, { export: 'init', state: initialState }, callMs);
    if (outcome.kind === 'ok') return;
    const error = new PlexSpacesError('FAILED_PRECONDITION', `init of ${settings.service} failed: ${outcome.message}`);
    worker.terminate(error);
    throw error;
  }

  async #farewell(worker: WASMWorker): Promise<void> {
    await this.#call(worker, { export: 'shutdown' }, FAREWELL_TIMEOUT_MS);
  }

  async #call(worker: WASMWorker, target: GuestTarget, timeoutMs: number): Promise<GuestOutcome> {
    const guest = new ServiceGuest(this.#guestPorts);
    try {
      return await worker.call(callOf(target, guest, timeoutMs, undefined));
    } finally {
      guest.end();
    }
  }

  #count(error: PlexSpacesError | undefined): void {
    if (error === undefined) this.#processed += 1;
    else this.#errors += 1;
    if (error?.reason === 'MEMORY_LIMIT') this.#wear?.end();
  }
}

/** Exactly one instance: workers min and max are 1, so that the pool's queue is its mailbox. */
export class WASMSingletonActor extends WASMActor {
  constructor(options: ServiceHostOptions) {
    const { min, max } = options.settings.workers;
    if (min !== 1 || max !== 1)
      throw new PlexSpacesError('INTERNAL', `a singleton has one worker, not ${min} to ${max}`);
    super(options);
  }
}

function wearOf({ settings, logger, unsafeUnrenewed }: ServiceHostOptions): Wear {
  const { service, limits } = settings;
  return new Wear({ actor: service, memoryBytes: limits.memoryBytes, isPooled: true, logger, unsafeUnrenewed });
}
