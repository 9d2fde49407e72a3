/**
 * What durable actors were sent and have not begun to handle: tells, timers that fired, tuples they subscribed to.
 *
 * B1. A message is in the inbox from the append of what caused it until the append of the first record that the
 *     actor's journal has of it: in one of the two places always, never in both.
 * B2. Within an actor the oldest message comes first, over all starts.
 * B3. What waits for a service is bounded, in messages and in bytes.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { InboxRecord } from '@plexspaces/proto';
import { deleteInboxMessage, loadInboxMessages, putInboxMessage } from '../store/inbox-records.ts';
import type { StoredInboxMessage } from '../store/inbox-records.ts';
import type { Numbers } from '../store/numbers.ts';
import type { Store, StoreOperation } from '../store/store.ts';

export interface InboxLimits {
  /** That wait for the actors of one service. */
  readonly maxMessages: number;
  /** Of their payloads. */
  readonly maxBytes: number;
}

const DEFAULT_LIMITS: InboxLimits = { maxMessages: 10_000, maxBytes: 67_108_864 };

/** The messages of one service. */
interface Room {
  readonly byKey: Map<string, StoredInboxMessage[]>;
  messages: number;
  bytes: number;
  onMessage: ((key: string) => void) | undefined;
}

export class Inbox {
  readonly #numbers: Numbers;
  readonly #limits: InboxLimits;
  readonly #rooms = new Map<string, Room>();

  constructor(numbers: Numbers, limits: InboxLimits = DEFAULT_LIMITS) {
    this.#numbers = numbers;
    this.#limits = limits;
  }

  /** @throws DATA_LOSS at a damaged record. */
  static async load(store: Store, numbers: Numbers, limits?: InboxLimits): Promise<Inbox> {
    const inbox = new Inbox(numbers, limits);
    for await (const message of loadInboxMessages(store)) inbox.#add(message);
    return inbox;
  }

  /** Messages that wait. */
  get size(): number {
    return [...this.#rooms.values()].reduce((sum, { messages }) => sum + messages, 0);
  }

  /**
   * @returns what is to be appended in this turn with what caused the message (B1).
   * @throws RESOURCE_EXHAUSTED (QUEUE_FULL), before anything changes (B3).
   */
  put(actor: ActorAddress, record: InboxRecord): StoreOperation[] {
    this.#expectRoom(actor, record);
    const message = { actor, number: this.#numbers.next(), record };
    this.#add(message);
    const { onMessage } = this.#room(actor.service); // who comes later is told of it when it comes
    queueMicrotask(() => onMessage?.(actor.key)); // behind the append
    return [putInboxMessage(message)];
  }

  /** B2 */
  first({ service, key }: ActorAddress): StoredInboxMessage | undefined {
    return this.#rooms.get(service)?.byKey.get(key)?.[0];
  }

  /** A message of that sender waits for the actor. */
  holds({ service, key }: ActorAddress, fromActor: string): boolean {
    const messages = this.#rooms.get(service)?.byKey.get(key) ?? [];
    return messages.some(({ record }) => record.fromActor === fromActor);
  }

  /** Takes out an actor's first message. @returns what goes with the first record that the journal has of it (B1). */
  take(message: StoredInboxMessage): StoreOperation[] {
    const { service, key } = message.actor;
    const room = this.#room(service);
    const messages = room.byKey.get(key) ?? [];
    if (messages[0] !== message) {
      throw new PlexSpacesError('INTERNAL', `inbox of ${formatActorAddress(message.actor)}: not its first message`);
    }
    messages.shift();
    if (messages.length === 0) room.byKey.delete(key);
    room.messages -= 1;
    room.bytes -= message.record.payload.length;
    return [deleteInboxMessage(message)];
  }

  /** From now on it is told the key of each message; of those that wait already, too, one call for each. */
  attach(service: string, onMessage: (key: string) => void): void {
    const room = this.#room(service);
    room.onMessage = onMessage;
    for (const [key, messages] of room.byKey) for (let left = messages.length; left > 0; left -= 1) onMessage(key);
  }

  detach(service: string): void {
    this.#room(service).onMessage = undefined;
  }

  /** The service and all that waits for it are no more. */
  purge(service: string): void {
    this.#rooms.delete(service);
  }

  #add(message: StoredInboxMessage): void {
    const { service, key } = message.actor;
    const room = this.#room(service);
    const messages = room.byKey.get(key);
    if (messages === undefined) room.byKey.set(key, [message]);
    else messages.push(message);
    room.messages += 1;
    room.bytes += message.record.payload.length;
  }

  #room(service: string): Room {
    const found = this.#rooms.get(service);
    if (found !== undefined) return found;
    const made: Room = { byKey: new Map(), messages: 0, bytes: 0, onMessage: undefined };
    this.#rooms.set(service, made);
    return made;
  }

  /** B3 */
  #expectRoom({ service }: ActorAddress, { payload }: InboxRecord): void {
    const { maxMessages, maxBytes } = this.#limits;
    const { messages, bytes } = this.#room(service);
    if (messages < maxMessages && bytes + payload.length <= maxBytes) return;
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `inbox of ${service}: expected at most ${maxMessages} messages and ${maxBytes} bytes that wait, ` +
        `found ${messages} messages and ${bytes} bytes`,
      { reason: 'QUEUE_FULL' },
    );
  }
}
