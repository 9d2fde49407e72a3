/**
 * The messages of one durable actor's inbox, when their turn comes.
 *
 * A message leaves the inbox with the first record that the journal has of it. From then on it is the journal's: what
 * ends its handling leaves it there as interrupted, for an activation to go on with.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import type { StoredInboxMessage } from '../store/inbox-records.ts';
import type { ActorHostOptions } from './actor-host.ts';
import type { DurableInstance } from './durable-instance.ts';
import type { IdempotencyKeys } from './idempotency-keys.ts';

/** @param isFresh it was made for this, and has finished what a crash interrupted. */
export type HandleWith = (instance: DurableInstance, isFresh: boolean) => Promise<void>;

export class DeliveredMessages {
  readonly #actor: ActorAddress;
  readonly #host: ActorHostOptions;
  readonly #keys: IdempotencyKeys;
  #sender: string | undefined;

  constructor(actor: ActorAddress, host: ActorHostOptions, keys: IdempotencyKeys) {
    this.#actor = actor;
    this.#host = host;
    this.#keys = keys;
  }

  /**
   * Has the oldest one handled, if there is one.
   * @param withInstance makes an instance where there is none, as often as that is needed.
   * @throws what keeps the actor from being brought to life; the message is in the inbox then.
   */
  async handleFirst(withInstance: (handle: HandleWith) => Promise<void>): Promise<void> {
    const first = this.#host.ports.inbox.first(this.#actor);
    if (first === undefined) return;
    this.#sender = first.record.fromActor;
    try {
      await this.#handleOrDrop(first, withInstance);
    } finally {
      this.#sender = undefined;
    }
  }

  /** Whose message is being handled; undefined: nobody's. */
  get sender(): string | undefined {
    return this.#sender;
  }

  async #handleOrDrop(first: StoredInboxMessage, withInstance: (handle: HandleWith) => Promise<void>): Promise<void> {
    if (await this.#wasHandled(first)) return;
    await withInstance(async (instance, isFresh) => {
      if (this.#host.ports.inbox.first(this.#actor) !== first) return; // its attempts are over
      if (isFresh && (await this.#wasHandled(first))) return;
      await this.#handle(instance, first);
    });
  }

  async #handle(instance: DurableInstance, message: StoredInboxMessage): Promise<void> {
    const received = { ...message.record, kind: MessageKind.MESSAGE_KIND_MESSAGE };
    const outcome = await instance.deliver(received, { letGo: () => this.#host.ports.inbox.take(message) });
    if (outcome.kind === 'guest-error') this.#log(message, outcome.message, 'a message was refused by its actor');
  }

  /** A message whose idempotency key is known already goes, unhandled. */
  async #wasHandled(message: StoredInboxMessage): Promise<boolean> {
    const { inbox, writer } = this.#host.ports;
    try {
      if ((await this.#keys.find(message.record)) === undefined) return false;
    } catch (thrown) {
      this.#log(message, PlexSpacesError.from(thrown).message, 'a message was dropped');
    }
    writer.append(inbox.take(message));
    return true;
  }

  /** Its sender is told of nothing any more. */
  #log({ record: { fromActor, messageType } }: StoredInboxMessage, error: string, what: string): void {
    this.#host.logger.warn({ actor: formatActorAddress(this.#actor), fromActor, messageType, error }, what);
  }
}
