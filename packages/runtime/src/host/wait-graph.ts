/**
 * Who waits for whom: the messages that are being handled, and the actors that their guests have asked.
 *
 * An ask that closes a cycle would wait for itself until its deadline, and so would all others of the cycle; it is
 * refused instead. The graph is looked at when an edge is about to come, since only then a cycle can.
 *
 * G1. An actor that handles one message at a time is waited for until that message is over.
 * G2. A pool is waited for until any of its workers is free: it is stuck only where all of them are.
 * G3. Whoever does not ask comes to an end by itself, be it by its deadline.
 *
 * After E. Knapp, "Deadlock Detection in Distributed Databases" (1987), its AND-OR model, here in one process: those
 * that can come to an end without the asker are found by reduction; what it asks must be among them.
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
  /** What handles that, as soon as it is known. */
  answeredBy: Activity | undefined;
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
  readonly #asking = new Set<Activity>();

  constructor(options: WaitGraphOptions) {
    this.#options = options;
  }

  /** A message is about to be handled. To be followed by `end`. */
  begin({ actor, service, isExclusive }: AskTarget, isPlaced: boolean): Activity {
    const activity: Activity = { actor, service, isPlaced, asks: undefined, answeredBy: undefined };
    if (isExclusive) this.#exclusive.set(actor, activity); // G1
    return activity;
  }

  end(activity: Activity): void {
    if (this.#exclusive.get(activity.actor) === activity) this.#exclusive.delete(activity.actor);
    this.answered(activity);
  }

  /** To be followed by `answered`. @throws FAILED_PRECONDITION (CALL_CYCLE) with the chain. */
  ask(asker: Activity, target: AskTarget): void {
    asker.asks = target;
    this.#asking.add(asker);
    const free = this.#freeWithout(asker);
    if (this.#isServed(target, free)) return;
    const chain = this.#chain(asker, target, free).join(' -> ');
    this.answered(asker);
    throw new PlexSpacesError('FAILED_PRECONDITION', `CALL_CYCLE: the ask would wait for itself: ${chain}`, {
      reason: 'CALL_CYCLE',
      details: { chain },
    });
  }

  /** Its guest does not wait any more. */
  answered(activity: Activity): void {
    this.#asking.delete(activity);
    activity.asks = undefined;
    activity.answeredBy = undefined;
  }

  /** Those that ask and can come to an end all the same, though the asker never does. */
  #freeWithout(asker: Activity): Set<Activity> {
    const free = new Set<Activity>();
    for (let before = -1; before < free.size;) {
      before = free.size;
      for (const activity of this.#asking) {
        if (activity !== asker && this.#isAnswered(activity, free)) free.add(activity);
      }
    }
    return free;
  }

  #isAnswered({ asks, answeredBy }: Activity, free: ReadonlySet<Activity>): boolean {
    if (answeredBy !== undefined) return this.#endsByItself(answeredBy, free);
    return asks === undefined || this.#isServed(asks, free);
  }

  #isServed(target: AskTarget, free: ReadonlySet<Activity>): boolean {
    const holder = target.isExclusive ? this.#exclusive.get(target.actor) : undefined;
    return holder === undefined ? this.#hasWorker(target.service, free) : this.#endsByItself(holder, free);
  }

  /** G3 */
  #endsByItself(activity: Activity, free: ReadonlySet<Activity>): boolean {
    if (activity.asks !== undefined) return free.has(activity);
    return activity.isPlaced || this.#hasWorker(activity.service, free);
  }

  /** G2 */
  #hasWorker(service: string, free: ReadonlySet<Activity>): boolean {
    const stuck = this.#stuckIn(service, free).length;
    return stuck === 0 || stuck < this.#options.maxWorkers(service);
  }

  /** Those that ask, have a worker of the service and keep it. */
  #stuckIn(service: string, free: ReadonlySet<Activity>): Activity[] {
    return [...this.#asking].filter((each) => each.service === service && each.isPlaced && !free.has(each));
  }

  /** From the asker to itself. */
  #chain(asker: Activity, target: AskTarget, free: ReadonlySet<Activity>): string[] {
    const chain = [asker.actor, target.actor];
    const seen = new Set<Activity>();
    for (let next = this.#blocker(asker, asker, free); next !== undefined && !seen.has(next);) {
      seen.add(next);
      if (chain.at(-1) !== next.actor || next === asker) chain.push(next.actor);
      if (next === asker) return chain.at(-2) === asker.actor ? chain.slice(0, -1) : chain;
      next = this.#blocker(next, asker, free);
    }
    return chain;
  }

  /** One of those that an activity waits for in vain; the asker where it is among them. */
  #blocker(activity: Activity, asker: Activity, free: ReadonlySet<Activity>): Activity | undefined {
    const { asks, answeredBy, service } = activity;
    if (answeredBy !== undefined) return answeredBy;
    const holder = asks?.isExclusive === true ? this.#exclusive.get(asks.actor) : undefined;
    if (holder !== undefined) return holder;
    const stuck = this.#stuckIn(asks?.service ?? service, free);
    return stuck.find((each) => each === asker) ?? stuck[0];
  }
}
