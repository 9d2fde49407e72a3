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
import type { AnsweredCall } from '../host/host-calls.ts';
import { writeGuestLine } from '../host/log.ts';
import type { HostScope } from '../host/scope.ts';
import { startMessage } from '../host/time.ts';
import type { Activity, AskTarget } from '../host/wait-graph.ts';
import type { CallTimes } from '../pool/call-times.ts';
import { PoolCalls } from '../pool/pool-calls.ts';
import { isStarved } from '../pool/pool-stats.ts';
import { WASMWorkerPool } from '../pool/wasm-worker-pool.ts';
import type { PoolStats } from '../pool/pool-stats.ts';
import type { CallHost } from '../pool/thread-calls.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';
import type { StoreOperation } from '../store/store.ts';
import type { ActorCall, ActorHost, ServiceHostOptions } from './actor-host.ts';
import { noMessages } from './core-modules.ts';
import { startPatience } from './deadline.ts';
import { PendingSenders } from './pending-senders.ts';
import { ServiceCall } from './service-call.ts';
import type { EnteredCall, ServiceCallPorts } from './service-call.ts';
import { expectPayloadSize } from './size-limits.ts';

const FAREWELL_TIMEOUT_MS = 5_000;

type Caller = Pick<ActorCall, 'timeoutMs' | 'signal' | 'asker'>;

export class WASMActor implements ActorHost {
  readonly durable = undefined;
  readonly #options: ServiceHostOptions;
  readonly #pool: WASMWorkerPool;
  readonly #calls: PoolCalls;
  readonly #scope: HostScope;
  readonly #asked: AskTarget;
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
    this.#asked = { actor: service, service, isExclusive: false };
    this.#pool = new WASMWorkerPool({
      ...settings.workers,
      name: settings.service,
      component,
      limits: settings.limits,
      compileCacheDirectory: options.compileCacheDirectory,
      threadBudget: options.threadBudget,
      unsafeUnwatched: options.unsafeUnwatched,
      threads: options.threads,
      prepare: (worker) => this.#initialise(worker),
      callsBehind: () => this.#calls.behind,
    });
    this.#callPorts = {
      limits: settings.limits,
      waitTimes: this.#pool.times.wait,
      enter: (target, timeoutMs) => this.#begin(target, timeoutMs),
      leave: (activity) => options.ports.waits.end(activity),
      onEnd: (isGood) => this.#count(isGood),
    };
    this.#calls = new PoolCalls(this.#pool);
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
    await worker.activate({ actor: settings.service, environment, logBytesPerSecond, replyBytes });
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
    const { activity, call } = this.#begin(target, timeoutMs);
    try {
      return await worker.call(call);
    } finally {
      this.#options.ports.waits.end(activity);
    }
  }

  #begin(target: GuestTarget, timeoutMs: number): EnteredCall {
    const { startMicros, seed } = startMessage(0n);
    const hostCalls = target.export === 'shutdown' ? 'log-only' : 'all';
    const message = { sequence: 0n, startMicros, seed, replayed: false, restoring: false, hostCalls } as const;
    const activity = this.#options.ports.waits.begin(this.#asked, true);
    return { activity, call: { target, message, host: this.#callHost(activity), timeoutMs } };
  }

  #count(isGood: boolean): void {
    if (isGood) this.#processed += 1;
    else this.#errors += 1;
  }

  #callHost(activity: Activity): CallHost {
    const { ports, logger } = this.#options;
    return {
      answer: (request, underWay) => {
        const compose = ({ operations }: AnsweredCall): readonly StoreOperation[] => operations;
        return ports.hostCalls.answer(request, { scope: this.#scope, underWay, activity, compose });
      },
      log: (line) => writeGuestLine(logger, this.#scope, line),
    };
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
