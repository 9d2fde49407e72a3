/**
 * What a service has beside its actors, as its application comes, stands still and goes: timers, messages that come
 * again, shared state, subscriptions, inboxes.
 */
import { DEFAULT_KEY } from '@plexspaces/core';
import type { SharedState } from '../state/shared-state.ts';
import type { Intervals } from '../timers/intervals.ts';
import type { Timers } from '../timers/timers.ts';
import type { ActorSubscriptions } from '../tuplespace/actor-subscriptions.ts';
import type { ResolvedSettings } from './application-settings.ts';
import type { Inbox } from './inbox.ts';

export interface ServiceLifePorts {
  readonly timers: Timers;
  readonly intervals: Intervals;
  readonly state: SharedState;
  readonly subscriptions: ActorSubscriptions;
  readonly inbox: Inbox;
}

export class ServiceLife {
  readonly #ports: ServiceLifePorts;

  constructor(ports: ServiceLifePorts) {
    this.#ports = ports;
  }

  /** Its application runs. */
  resume({ service, isDurable, every }: ResolvedSettings): void {
    const actor = { service, key: DEFAULT_KEY };
    this.#ports.timers.resume(service);
    this.#ports.intervals.start({ actor, isDurable }, every);
  }

  /** Its application runs no more, and may again. */
  pause(service: string): void {
    this.#ports.timers.pause(service);
    this.#ports.intervals.stop(service);
    this.#ports.subscriptions.forget(service, { purge: false });
  }

  /** Its application is gone; purged, with all that the service kept: who purges removes the records. */
  forget(service: string, { purge }: { readonly purge: boolean }): void {
    this.pause(service);
    this.#ports.timers.forget(service, { purge });
    if (!purge) return;
    this.#ports.subscriptions.forget(service, { purge });
    this.#ports.intervals.forget(service);
    this.#ports.state.forget(service);
    this.#ports.inbox.purge(service);
  }
}
