/**
 * Who waits for whom: the messages that are being handled, and the actors that their guests have asked.
 *
 * An ask that closes a cycle would wait for itself until its deadline, and so would all others of the cycle; it is
 * refused instead. The graph is looked at when an edge is about to come, since only then a cycle can.
 *
 * G1. An actor that handles one message at a time is waited for until that message is over.
 * G2. A pool is waited for until any of its workers is free: it leads back only where all of them do.
 *
 * After E. W. Knapp, "Deadlock Detection in Distributed Databases" (1987), AND-OR model; all of it is in one process.
 */
import { PlexSpacesError } from '@plexspaces/core';

/** A message that is being handled. */
export interface Activity {
  /** The address of the actor that handles it. */
  readonly actor: string;
  readonly service: string;
  /** It has a worker; else it waits for one. */
  isPlaced: boolean;
  /** What its guest has asked. */
  asks: AskTarget | undefined;
}

export interface AskTarget {
  readonly actor: string;
  readonly service: string;
  /** It handles one message at a time; else any worker of its service's pool does. */
  readonly isExclusive: boolean;
}

export interface WaitGraphOptions {
  /** How many workers a service may have at most. */
  readonly maxWorkers: (service: string) => number;
}

export class WaitGraph {
  readonly #options: WaitGraphOptions;
  readonly #exclusive = new Map<string, Activity>();
  readonly #ofService = new Map<string, Set<Activity>>();

  constructor(options: WaitGraphOptions) {
    this.#options = options;
  }

  /** A message is about to be handled. To be followed by `end`. */
  begin({ actor, service, isExclusive }: AskTarget, isPlaced: boolean): Activity {
    const activity: Activity = { actor, service, isPlaced, asks: undefined };
    if (isExclusive) this.#exclusive.set(actor, activity); // G1
    const others = this.#ofService.get(service);
    if (others === undefined) this.#ofService.set(service, new Set([activity]));
    else others.add(activity);
    return activity;
  }

  end(activity: Activity): void {
    if (this.#exclusive.get(activity.actor) === activity) this.#exclusive.delete(activity.actor);
    this.#ofService.get(activity.service)?.delete(activity);
  }

  /** Ends with `asks` being undefined again. @throws FAILED_PRECONDITION (CALL_CYCLE) with the chain. */
  ask(activity: Activity, target: AskTarget): void {
    activity.asks = target;
    const chain = this.#wayBack(target, activity, new Set());
    if (chain === undefined) return;
    activity.asks = undefined;
    const text = [activity.actor, ...chain].join(' -> ');
    throw new PlexSpacesError('FAILED_PRECONDITION', `CALL_CYCLE: the ask would wait for itself: ${text}`, {
      reason: 'CALL_CYCLE',
      details: { chain: text },
    });
  }

  /** The actors on the way from a target back to who asks; undefined: there is none. */
  #wayBack(target: AskTarget, asker: Activity, seen: Set<Activity>): string[] | undefined {
    const holder = target.isExclusive ? this.#exclusive.get(target.actor) : undefined;
    const rest = holder === undefined ? this.#wayThroughPool(target, asker, seen) : this.#wayFrom(holder, asker, seen);
    return rest && [target.actor, ...rest];
  }

  #wayFrom(activity: Activity, asker: Activity, seen: Set<Activity>): string[] | undefined {
    if (activity === asker) return [];
    if (seen.has(activity)) return undefined; // another cycle, or looked at already
    seen.add(activity);
    if (!activity.isPlaced) return this.#wayThroughPool(activity, asker, seen);
    return activity.asks && this.#wayBack(activity.asks, asker, seen);
  }

  /** G2 */
  #wayThroughPool(
    { service }: { readonly service: string },
    asker: Activity,
    seen: Set<Activity>,
  ): string[] | undefined {
    const placed = [...(this.#ofService.get(service) ?? [])].filter(({ isPlaced }) => isPlaced);
    if (placed.length === 0 || placed.length < this.#options.maxWorkers(service)) return undefined;
    let shortest: string[] | undefined;
    let stuck = 0;
    for (const activity of placed) {
      const way = this.#wayFrom(activity, asker, new Set(seen));
      if (way === undefined) continue;
      stuck += 1;
      const whole = activity === asker ? [asker.actor] : [activity.actor, ...way];
      if (shortest === undefined || whole.length < shortest.length) shortest = whole;
    }
    return stuck >= this.#options.maxWorkers(service) ? shortest : undefined;
  }
}
