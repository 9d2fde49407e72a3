/** What timers need of the actors, who are above them: a message to one of them, and how one that comes again is told. */
import type { ActorAddress } from '@plexspaces/core';
import type { StoreOperation } from '../store/store.ts';

export interface SelfMessage {
  readonly messageType: string;
  readonly payload: Uint8Array;
}

export interface SelfDeliveries {
  /** @throws where a message with that payload will never be taken: RESOURCE_EXHAUSTED (PAYLOAD_TOO_LARGE), NOT_FOUND. */
  expectFits(to: ActorAddress, payload: Uint8Array): void;
  /**
   * What is to be appended with whatever brought the message about; of actors that are not durable nothing, they
   * get it in memory.
   * @throws RESOURCE_EXHAUSTED where too many wait for the actor, NOT_FOUND where nobody serves it.
   */
  deliver(to: ActorAddress, message: SelfMessage & { readonly fromActor: string }): readonly StoreOperation[];
}
