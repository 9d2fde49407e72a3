/**
 * Actors' subscriptions: each later write that matches comes to the actor as a message.
 *
 * U1. A durable actor's subscription is a record, and outlives the process; another actor's is gone with it.
 * U2. What is delivered for a write is one append with the write.
 * U3. Where a match cannot be delivered (the inbox is full, the application is stopped) the subscription ends, and the
 *     actor is told so, once, as soon as it can be: it never misses a tuple without knowing.
 * U4. Of an actor that is not durable, a subscription that cannot be delivered because its application is gone, goes.
 */
import { decodePattern, encodePattern, formatActorAddress, PlexSpacesError, tupleToOutput } from '@plexspaces/core';
import type { ActorAddress, Pattern, Tuple } from '@plexspaces/core';
import { TupleSubscriptionRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from '../store/checksum.ts';
import { ALL_TUPLE_SUBSCRIPTIONS, parseActor, parseSequence, tupleSubscriptionKey } from '../store/key-layout.ts';
import type { Store, StoreOperation } from '../store/store.ts';
import type { Spaces } from './spaces.ts';

/** The way to an actor's inbox. */
export interface SubscriptionDeliveries {
  /** @throws RESOURCE_EXHAUSTED where the inbox is full; otherwise the application does not run. */
  deliver(
    to: ActorAddress,
    message: { readonly fromActor: string; readonly messageType: string; readonly payload: Uint8Array },
  ): readonly StoreOperation[];
}

export interface SubscriptionPorts {
  readonly spaces: Spaces;
  readonly numbers: { next(): bigint };
  readonly deliveries: SubscriptionDeliveries;
}

export interface SubscribingActor {
  readonly address: ActorAddress;
  readonly isDurable: boolean;
}

interface Subscription {
  readonly id: bigint;
  readonly actor: SubscribingActor;
  readonly space: string;
  readonly pattern: Pattern;
}

/** One that takes matches, or one whose end the actor has to be told of. */
type State =
  | { readonly status: 'live'; readonly leave: () => boolean }
  | { readonly status: 'ending'; readonly reason: string };

/** Those that ended and of which it was not told yet among them. */
const MAX_OF_ACTOR = 100;
const MESSAGE_TYPE = 'tuple';
const END_MESSAGE_TYPE = 'subscription-ended';

export class ActorSubscriptions {
  readonly #ports: SubscriptionPorts;
  readonly #states = new Map<Subscription, State>();
  readonly #byId = new Map<bigint, Subscription>();
  readonly #counts = new Map<string, number>();

  constructor(ports: SubscriptionPorts) {
    this.#ports = ports;
  }

  /** @throws DATA_LOSS at a damaged record. */
  static async load(store: Store, ports: SubscriptionPorts): Promise<ActorSubscriptions> {
    const subscriptions = new ActorSubscriptions(ports);
    for await (const [key, value] of store.range(ALL_TUPLE_SUBSCRIPTIONS)) {
      const { space, pattern, ended } = TupleSubscriptionRecord.decode(unframe(key, value));
      const actor = { address: parseActor(key), isDurable: true };
      const subscription = { id: parseSequence(key), actor, space, pattern: decodePattern(pattern) };
      subscriptions.#restore(subscription, ended);
    }
    return subscriptions;
  }

  /** @throws RESOURCE_EXHAUSTED where the actor or the space has too many, or the pattern is too large. */
  subscribe(
    actor: SubscribingActor,
    space: string,
    pattern: Pattern,
  ): { readonly id: bigint; readonly operations: readonly StoreOperation[] } {
    if ((this.#counts.get(formatActorAddress(actor.address)) ?? 0) >= MAX_OF_ACTOR) {
      throw new PlexSpacesError(
        'RESOURCE_EXHAUSTED',
        `expected at most ${MAX_OF_ACTOR} subscriptions of an actor, found one more`,
      );
    }
    const subscription = { id: this.#ports.numbers.next(), actor, space, pattern };
    const operations = put(subscription, '');
    this.#begin(subscription);
    return { id: subscription.id, operations };
  }

  /** Only the actor's own. @returns what is to be appended; undefined: it has no such subscription. */
  unsubscribe(actor: ActorAddress, id: bigint): readonly StoreOperation[] | undefined {
    const subscription = this.#byId.get(id);
    if (subscription === undefined || !isSame(subscription.actor.address, actor)) return undefined;
    return this.#remove(subscription);
  }

  /** Tells those of an end whose inboxes had no room for it (U3). @returns what is to be appended. */
  tellEnded(): readonly StoreOperation[] {
    return [...this.#states].flatMap(([subscription, state]) =>
      state.status === 'ending' ? (this.#tellEnd(subscription, state.reason) ?? []) : [],
    );
  }

  /** The application is gone: what lives in memory goes, and where it is purged the rest as well; its records go with it. */
  forget(service: string, { purge }: { readonly purge: boolean }): void {
    for (const subscription of this.#byId.values()) {
      const { address, isDurable } = subscription.actor;
      if (address.service === service && (purge || !isDurable)) this.#remove(subscription);
    }
  }

  /** @param ended why; empty: it has not ended. It does where the space takes fewer than it did (U3). */
  #restore(subscription: Subscription, ended: string): void {
    try {
      if (ended === '') this.#begin(subscription);
      else this.#set(subscription, { status: 'ending', reason: ended });
    } catch (thrown) {
      this.#set(subscription, { status: 'ending', reason: PlexSpacesError.from(thrown).message });
    }
  }

  #begin(subscription: Subscription): void {
    const { space, pattern } = subscription;
    const leave = this.#ports.spaces.subscribe(space, pattern, {
      notify: (tuple) => this.#notify(subscription, tuple),
    });
    this.#set(subscription, { status: 'live', leave });
  }

  /** U2 */
  #notify(subscription: Subscription, tuple: Tuple): readonly StoreOperation[] {
    const payload = Buffer.from(JSON.stringify(tupleToOutput(tuple)));
    try {
      return this.#deliver(subscription, MESSAGE_TYPE, payload);
    } catch (thrown) {
      return this.#failed(subscription, PlexSpacesError.from(thrown));
    }
  }

  #failed(subscription: Subscription, error: PlexSpacesError): readonly StoreOperation[] {
    return isGone(subscription, error) ? this.#remove(subscription) : this.#end(subscription, error.message);
  }

  /** U3 */
  #end(subscription: Subscription, reason: string): readonly StoreOperation[] {
    this.#leave(subscription);
    this.#set(subscription, { status: 'ending', reason });
    return this.#tellEnd(subscription, reason) ?? put(subscription, reason);
  }

  /** Undefined: there was no room for it yet. */
  #tellEnd(subscription: Subscription, reason: string): readonly StoreOperation[] | undefined {
    try {
      const payload = Buffer.from(JSON.stringify({ reason }));
      return [...this.#deliver(subscription, END_MESSAGE_TYPE, payload), ...this.#remove(subscription)];
    } catch (thrown) {
      return isGone(subscription, PlexSpacesError.from(thrown)) ? this.#remove(subscription) : undefined;
    }
  }

  #deliver({ id, actor }: Subscription, messageType: string, payload: Uint8Array): readonly StoreOperation[] {
    return this.#ports.deliveries.deliver(actor.address, { fromActor: `tuplespace/${id}`, messageType, payload });
  }

  #remove(subscription: Subscription): readonly StoreOperation[] {
    this.#leave(subscription);
    const { id, actor } = subscription;
    this.#states.delete(subscription);
    if (this.#byId.delete(id)) this.#count(actor, -1);
    return actor.isDurable ? [{ type: 'del', key: tupleSubscriptionKey(actor.address, id) }] : [];
  }

  #leave(subscription: Subscription): void {
    const state = this.#states.get(subscription);
    if (state?.status === 'live') state.leave();
  }

  #set(subscription: Subscription, state: State): void {
    this.#states.set(subscription, state);
    if (!this.#byId.has(subscription.id)) this.#count(subscription.actor, 1);
    this.#byId.set(subscription.id, subscription);
  }

  #count({ address }: SubscribingActor, more: number): void {
    const actor = formatActorAddress(address);
    const count = (this.#counts.get(actor) ?? 0) + more;
    if (count === 0) this.#counts.delete(actor);
    else this.#counts.set(actor, count);
  }
}

/** U1 */
function put({ id, actor, space, pattern }: Subscription, ended: string): StoreOperation[] {
  const encoded = encodePattern(pattern);
  if (!actor.isDurable) return [];
  const value = frameMessage(TupleSubscriptionRecord, { space, pattern: encoded, ended });
  return [{ type: 'put', key: tupleSubscriptionKey(actor.address, id), value }];
}

/** U4 */
function isGone({ actor }: Subscription, { code }: PlexSpacesError): boolean {
  return !actor.isDurable && code !== 'RESOURCE_EXHAUSTED';
}

function isSame(a: ActorAddress, b: ActorAddress): boolean {
  return formatActorAddress(a) === formatActorAddress(b);
}
