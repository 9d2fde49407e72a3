/**
 * A further try of a message in quarantine: it is journaled anew, as the actor's newest message, with what it had
 * done, as one that a crash interrupted, and the actor goes on with it as with such a one.
 *
 * Q1. The message leaves the quarantine in the append that journals it anew: it is never in both places.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { QuarantineRecord, Received } from '@plexspaces/proto';
import type { JournaledEnd } from '../store/journal.ts';
import type { StoreOperation } from '../store/store.ts';
import type { ActorPorts, BetweenMessages } from './actor-host.ts';
import { recordedOutcome } from './message-ends.ts';

/** Damaged or not. To be called between two messages. @throws NOT_FOUND. */
export async function dropQuarantined(actor: ActorAddress, sequence: bigint, ports: ActorPorts): Promise<void> {
  await ports.writer.stored(ports.writer.lsn); // it is looked for in the store
  if (!(await ports.quarantine.has(actor, sequence))) throw notInQuarantine(actor, sequence);
  ports.writer.append([ports.quarantine.delete(actor, sequence)]);
}

export class QuarantinedMessage {
  readonly #actor: ActorAddress;
  readonly #ports: ActorPorts;
  readonly #record: QuarantineRecord;

  private constructor(actor: ActorAddress, ports: ActorPorts, record: QuarantineRecord) {
    this.#actor = actor;
    this.#ports = ports;
    this.#record = record;
  }

  /** @throws NOT_FOUND, DATA_LOSS where its record is damaged. */
  static async find(actor: ActorAddress, sequence: bigint, ports: ActorPorts): Promise<QuarantinedMessage> {
    await ports.writer.stored(ports.writer.lsn); // it is looked for in the store
    const record = await ports.quarantine.get(actor, sequence);
    if (record !== undefined) return new QuarantinedMessage(actor, ports, record);
    throw notInQuarantine(actor, sequence);
  }

  /**
   * The guest's answer.
   * @param next the number of the actor's next message.
   * @throws EXECUTION_ERROR for its "no", ABORTED (QUARANTINED) where it is in quarantine again.
   */
  async retry(next: bigint, { dropInstance, activate }: BetweenMessages): Promise<Uint8Array> {
    const { writer, journal } = this.#ports;
    writer.append([...this.#journaled(next), this.#removal()]); // Q1
    dropInstance();
    await activate();
    await writer.stored(writer.lsn);
    for await (const { end } of journal.messages(this.#actor, next)) return recordedOutcome(expectEnd(end));
    throw new PlexSpacesError('INTERNAL', `message ${next} of ${formatActorAddress(this.#actor)} was not journaled`);
  }

  #journaled(sequence: bigint): StoreOperation[] {
    const { journal, unfinished } = this.#ports;
    const { received, hostCalls } = this.#record;
    const first = { $case: 'received', value: expectReceived(received) } as const;
    return [
      journal.record(this.#actor, sequence, 0, first),
      ...hostCalls.map((value, index) =>
        journal.record(this.#actor, sequence, index + 1, { $case: 'hostCall', value }),
      ),
      unfinished.put(this.#actor, { sequence, attempts: 0 }),
    ];
  }

  #removal(): StoreOperation {
    return this.#ports.quarantine.delete(this.#actor, this.#record.sequence);
  }
}

function notInQuarantine(actor: ActorAddress, sequence: bigint): PlexSpacesError {
  const expected = `expected message ${sequence} of ${formatActorAddress(actor)}`;
  return new PlexSpacesError('NOT_FOUND', `quarantine: ${expected}, found none`);
}

function expectReceived(received: Received | undefined): Received {
  if (received !== undefined) return received;
  throw new PlexSpacesError('DATA_LOSS', 'quarantine: the record holds no message');
}

function expectEnd(end: JournaledEnd | undefined): JournaledEnd {
  if (end !== undefined) return end;
  throw new PlexSpacesError('INTERNAL', 'an actor was brought to life with a message that has not ended');
}
