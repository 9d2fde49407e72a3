/**
 * What a node has around an actor, here around one alone: the host APIs that it was given, its timers, its
 * subscriptions. All of it is in memory.
 *
 * S1. What was not injected is not there: the capability is missing, and the guest is answered PERMISSION_DENIED.
 * S2. Messages come by themselves while the actor runs: from `begin` to `pause`. What it subscribed to reaches it from
 *     its first instance on, and goes with it.
 *
 * Its actors keep no journal, so that nothing would ever be read back of a store: what host calls have for one is
 * dropped.
 */
import { DEFAULT_KEY, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { pino } from 'pino';
import type { Logger } from 'pino';
import type { ActorHost, ServicePorts } from '../actors/actor-host.ts';
import type { ResolvedSettings } from '../actors/application-settings.ts';
import { expectPayloadSize } from '../actors/size-limits.ts';
import { SYSTEM_CLOCK } from '../clock.ts';
import type { Delivery } from '../host/deliveries.ts';
import { HostCalls } from '../host/host-calls.ts';
import type { Messenger } from '../host/messaging.ts';
import type { Capability } from '../host/scope.ts';
import { WaitGraph } from '../host/wait-graph.ts';
import { Numbers } from '../store/numbers.ts';
import type { StoreOperation } from '../store/store.ts';
import { startSweep } from '../store/sweeper.ts';
import { Intervals } from '../timers/intervals.ts';
import { Scheduler } from '../timers/scheduler.ts';
import { Timers } from '../timers/timers.ts';
import { ActorSubscriptions } from '../tuplespace/actor-subscriptions.ts';
import type { Spaces } from '../tuplespace/spaces.ts';
import { injectedState, SharedState } from './shared-state.ts';
import type { InjectedState } from './shared-state.ts';
import { injectedSpaces, TupleSpace } from './tuple-space.ts';

/** What a program injects into an actor. What is left out answers the guest PERMISSION_DENIED; so does messaging. */
export interface HostApis {
  /** `tuplespace-…`: shared by all actors that are given the same one. */
  readonly tuplespace?: TupleSpace | undefined;
  /** `state-…`: shared by all actors that are given the same one. */
  readonly state?: SharedState | undefined;
  /**
   * `log`: a pino logger that gets the guest's lines. Without it those go nowhere; warnings about the actor, and what
   * the guest prints as an error, go to the process's stderr.
   */
  readonly logging?: Logger | undefined;
  /** `send-after`, `cancel-timer`. */
  readonly timers?: boolean | undefined;
}

interface Parts {
  readonly spaces: Spaces;
  readonly state: InjectedState;
  readonly subscriptions: ActorSubscriptions;
  readonly scheduler: Scheduler;
  readonly timers: Timers;
  readonly intervals: Intervals;
}

const SWEEP_MS = 1_000;
const SWEEP_LIMIT = 10_000;
const NO_STORE = { append: () => 0n, expectRoom: () => undefined };

/** S1 */
export function capabilitiesOf({ tuplespace, state, logging, timers }: HostApis): Capability[] {
  const injected: Readonly<Partial<Record<Capability, boolean>>> = {
    tuplespace: tuplespace !== undefined,
    state: state !== undefined,
    log: logging !== undefined,
    timers: timers === true,
  };
  const all: readonly Capability[] = ['tuplespace', 'state', 'log', 'timers'];
  return all.filter((capability) => injected[capability] === true);
}

export class Surroundings {
  readonly ports: ServicePorts;
  readonly logger: Logger;
  readonly #settings: ResolvedSettings;
  readonly #parts: Parts;
  #actor: ActorHost | undefined;
  #sweep: NodeJS.Timeout | undefined;

  constructor(settings: ResolvedSettings, hostApis: HostApis) {
    this.#settings = settings;
    this.logger = hostApis.logging ?? warningsOnly();
    this.#parts = this.#construct(hostApis);
    const { spaces, state, subscriptions, timers } = this.#parts;
    const { max } = settings.workers;
    this.ports = {
      hostCalls: new HostCalls({ spaces, subscriptions, state, timers, writer: NO_STORE, messenger: NO_MESSENGER }),
      waits: new WaitGraph({ maxWorkers: () => max }),
    };
  }

  /** Whose they are. To be called before its first instance. */
  attach(actor: ActorHost): void {
    this.#actor = actor;
  }

  /** S2 */
  begin(): void {
    const { service, every } = this.#settings;
    const { timers, intervals, spaces, subscriptions, state } = this.#parts;
    timers.resume(service);
    intervals.start({ actor: { service, key: DEFAULT_KEY }, isDurable: false }, every);
    const find = (): { operations: readonly StoreOperation[] } => {
      state.sweep();
      return { operations: [...spaces.sweep(SWEEP_LIMIT), ...subscriptions.tellEnded()] };
    };
    this.#sweep = startSweep({ what: 'tuples and state', intervalMs: SWEEP_MS, find }, NO_STORE, this.logger);
  }

  /** To the actor itself. @throws RESOURCE_EXHAUSTED where too much waits, UNAVAILABLE unless it runs. */
  deliver(delivery: Delivery): void {
    expectPayloadSize(delivery.payload, this.#settings.limits);
    this.#deliver({ service: this.#settings.service, key: DEFAULT_KEY }, delivery);
  }

  /** S2 */
  pause(): void {
    clearInterval(this.#sweep);
    this.#parts.scheduler[Symbol.dispose]();
    this.#actor = undefined;
  }

  /** Its instances are gone. */
  end(): void {
    this.pause();
    this.#parts.subscriptions.forget(this.#settings.service, { purge: true });
  }

  #construct({ tuplespace = new TupleSpace(), state = new SharedState() }: HostApis): Parts {
    const spaces = injectedSpaces(tuplespace);
    const numbers = new Numbers(1n);
    const scheduler = new Scheduler(SYSTEM_CLOCK);
    const deliveries = {
      deliver: (to: ActorAddress, delivery: Delivery) => this.#deliver(to, delivery),
      expectFits: (_to: ActorAddress, payload: Uint8Array) => expectPayloadSize(payload, this.#settings.limits),
      isPending: (to: ActorAddress, fromActor: string) => this.#actor?.isPending(to, fromActor) === true,
    };
    const clockwork = { scheduler, deliveries, writer: NO_STORE, logger: this.logger };
    return {
      spaces,
      state: injectedState(state),
      subscriptions: new ActorSubscriptions({ spaces, numbers, deliveries }),
      scheduler,
      timers: new Timers({ ...clockwork, numbers }),
      intervals: new Intervals(clockwork),
    };
  }

  #deliver(to: ActorAddress, delivery: Delivery): readonly StoreOperation[] {
    if (this.#actor !== undefined) return this.#actor.deliver(to, { ...delivery, idempotencyKey: '' });
    throw new PlexSpacesError('UNAVAILABLE', `${this.#settings.service} does not run`);
  }
}

/** Nobody has the capability for it (S1): a program's actors know of no others. */
const NO_MESSENGER: Messenger = {
  expectReachable: () => {
    throw noMessages();
  },
  deliver: () => {
    throw noMessages();
  },
  ask: () => Promise.reject(noMessages()),
};

function noMessages(): PlexSpacesError {
  return new PlexSpacesError('PERMISSION_DENIED', 'messages to other actors take a node');
}

function warningsOnly(): Logger {
  return pino({ name: 'plexspaces', level: 'warn' }, pino.destination({ dest: 2, sync: true }));
}
