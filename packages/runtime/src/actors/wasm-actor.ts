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
import type { Activity } from '../host/wait-graph.ts';
import { expectAnswer } from '../pool/guest-errors.ts';
import type { CallTimes } from '../pool/call-times.ts';
import { isStarved, WASMWorkerPool } from '../pool/wasm-worker-pool.ts';
import type { PoolStats } from '../pool/wasm-worker-pool.ts';
import type { CallHost } from '../pool/thread-calls.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';
import type { StoreOperation } from '../store/store.ts';
import type { ActorCall, ActorHost, ServiceHostOptions } from './actor-host.ts';
import { startPatience, untilAborted } from './deadline.ts';
import type { Patience } from './deadline.ts';
import { PendingSenders } from './pending-senders.ts';
import { expectPayloadSize, expectReplySize } from './size-limits.ts';

const FAREWELL_TIMEOUT_MS = 5_000;

type Caller = Pick<ActorCall, 'timeoutMs' | 'signal' | 'asker'>;

interface GuestEntry {
  readonly target: GuestTarget;
  readonly asker?: Activity | undefined;
}

export class WASMActor implements ActorHost {
  readonly durable = undefined;
  readonly #options: ServiceHostOptions;
  readonly #pool: WASMWorkerPool;
  readonly #scope: HostScope;
  readonly #pendingSenders = new PendingSenders();
  #processed = 0;
  #errors = 0;

  constructor(options: ServiceHostOptions) {
    const { settings, component } = options;
    this.#options = options;
    const { service, namespace, capabilities } = settings;
    this.#scope = {
      actor: service,
      address: { service, key: DEFAULT_KEY },
      isDurable: false,
      namespace,
      capabilities,
      isStarved: () => isStarved(this.stats()),
    };
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
    });
  }

  start(): Promise<void> {
    return this.#pool.start();
  }

  async invoke(call: ActorCall): Promise<Uint8Array> {
    expectPayloadSize(call.payload, this.#options.settings.limits);
    const { fromActor, method: messageType, payload } = call;
    return await this.#enter({ export: 'handle-request', fromActor, messageType, payload }, call);
  }

  /** Nothing is kept of it, and nobody is told what becomes of it. */
  deliver(_address: ActorAddress, { fromActor, messageType, payload }: InboxRecord): readonly StoreOperation[] {
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

  async #enter(target: GuestTarget, { timeoutMs, signal, asker }: Caller): Promise<Uint8Array> {
    using patience = startPatience(timeoutMs, signal);
    const arrivedAt = performance.now();
    const worker = await this.#pool.acquire({ signal: patience.signal });
    this.times.wait.observeSince(arrivedAt);
    try {
      const reply = await untilAborted(this.#run(worker, { target, asker }, patience), patience.signal);
      this.#processed += 1;
      return reply;
    } catch (thrown) {
      this.#errors += 1;
      throw thrown;
    }
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

  /** Gives the worker back when the guest is done, which may be after the caller has gone. */
  async #run(worker: WASMWorker, call: GuestEntry, patience: Patience): Promise<Uint8Array> {
    const { limits } = this.#options.settings;
    let outcome: GuestOutcome | undefined;
    try {
      outcome = await this.#call(worker, call, patience.remainingMs(limits.callMs));
    } finally {
      this.#pool.release(worker, outcome === undefined || outcome.kind === 'trap' ? 'failed' : 'completed');
    }
    return expectReplySize(expectAnswer(outcome), limits);
  }

  async #initialise(worker: WASMWorker): Promise<void> {
    const { environment, initialState, settings } = this.#options;
    const { logBytesPerSecond, callMs } = settings.limits;
    await worker.activate({ actor: settings.service, environment, logBytesPerSecond });
    const outcome = await this.#call(worker, { target: { export: 'init', state: initialState } }, callMs);
    if (outcome.kind === 'ok') return;
    const error = new PlexSpacesError('FAILED_PRECONDITION', `init of ${settings.service} failed: ${outcome.message}`);
    worker.terminate(error);
    throw error;
  }

  async #farewell(worker: WASMWorker): Promise<void> {
    await this.#call(worker, { target: { export: 'shutdown' } }, FAREWELL_TIMEOUT_MS);
  }

  async #call(worker: WASMWorker, { target, asker }: GuestEntry, timeoutMs: number): Promise<GuestOutcome> {
    const { waits } = this.#options.ports;
    const hostCalls = target.export === 'shutdown' ? 'log-only' : 'all';
    const message = { sequence: 0n, ...startMessage(0n), replayed: false, restoring: false, hostCalls } as const;
    const { actor } = this.#scope;
    const activity = waits.begin({ actor, service: actor, isExclusive: false }, true);
    if (asker !== undefined) asker.answeredBy = activity;
    try {
      return await worker.call({ target, message, host: this.#callHost(activity), timeoutMs });
    } finally {
      waits.end(activity);
    }
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
