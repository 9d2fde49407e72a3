/** The port by which what happens in the node becomes a message to an actor: timers, subscriptions, other actors. */
import type { ActorAddress } from '@plexspaces/core';
import type { StoreOperation } from '../store/store.ts';

/** For the guest's `handle-message`. */
export interface Delivery {
  readonly fromActor: string;
  readonly messageType: string;
  readonly payload: Uint8Array;
}

export interface Deliveries {
  /**
   * Hands a message to an actor, behind what it was handed before.
   * @returns what has to be appended as one with what caused the message, in this turn: a durable actor's message is
   * kept until it was handled. Of other kinds nothing is kept, and nothing is told of what becomes of it.
   * @throws NOT_FOUND where no application serves the actor, RESOURCE_EXHAUSTED (QUEUE_FULL) where too much waits
   * for it, FAILED_PRECONDITION or UNAVAILABLE where its application does not run.
   */
  deliver(to: ActorAddress, delivery: Delivery): readonly StoreOperation[];
}
