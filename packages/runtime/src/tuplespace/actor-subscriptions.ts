/**
 * Actors' subscriptions: each later write that matches comes to the actor as a message.
 *
 * U1. A durable actor's subscription is a record, and outlives the process; another actor's is gone with it.
 * U2. What is delivered for a write is one append with the write.
 * U3. Where the actor's inbox is full the subscription ends, and the actor is told so, once, when there is room: a
 *     subscriber never misses a tuple without knowing.
 * U4. While the application is not deployed, a durable actor's subscription stands still.
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
  /** @throws RESOURCE_EXHAUSTED where the inbox is full, NOT_FOUND where the application is not deployed. */
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

const MESSAGE_TYPE = 'tuple';
const END_MESSAGE_TYPE = 'subscription-ended';

export class ActorSubscriptions {
  readonly #ports: SubscriptionPorts;
  readonly #states = new Map<Subscription, State>();
  readonly #byId = new Map<bigint, Subscription>();

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
      if (ended === '') subscriptions.#begin(subscription);
      else subscriptions.#set(subscription, { status: 'ending', reason: ended });
    }
    return subscriptions;
  }

  /** @throws RESOURCE_EXHAUSTED where the space has too many subscriptions, or the pattern is too large. */
  subscribe(
    actor: SubscribingActor,
    space: string,
    pattern: Pattern,
  ): { readonly id: bigint; readonly operations: readonly StoreOperation[] } {
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
    if (error.code !== 'NOT_FOUND') return this.#end(subscription, error.message);
    return subscription.actor.isDurable ? [] : this.#remove(subscription); // U4
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
      const isGone = PlexSpacesError.from(thrown).code === 'NOT_FOUND' && !subscription.actor.isDurable;
      return isGone ? this.#remove(subscription) : undefined;
    }
  }

  #deliver({ id, actor }: Subscription, messageType: string, payload: Uint8Array): readonly StoreOperation[] {
    return this.#ports.deliveries.deliver(actor.address, { fromActor: `tuplespace/${id}`, messageType, payload });
  }

  #remove(subscription: Subscription): readonly StoreOperation[] {
    this.#leave(subscription);
    this.#states.delete(subscription);
    this.#byId.delete(subscription.id);
    const { id, actor } = subscription;
    return actor.isDurable ? [{ type: 'del', key: tupleSubscriptionKey(actor.address, id) }] : [];
  }

  #leave(subscription: Subscription): void {
    const state = this.#states.get(subscription);
    if (state?.status === 'live') state.leave();
  }

  #set(subscription: Subscription, state: State): void {
    this.#states.set(subscription, state);
    this.#byId.set(subscription.id, subscription);
  }
}

/** U1 */
function put({ id, actor, space, pattern }: Subscription, ended: string): StoreOperation[] {
  const encoded = encodePattern(pattern);
  if (!actor.isDurable) return [];
  const value = frameMessage(TupleSubscriptionRecord, { space, pattern: encoded, ended });
  return [{ type: 'put', key: tupleSubscriptionKey(actor.address, id), value }];
}

function isSame(a: ActorAddress, b: ActorAddress): boolean {
  return formatActorAddress(a) === formatActorAddress(b);
}
