/**
 * The idempotency keys of one durable actor: a repeated key gets the recorded outcome, and the guest does not run.
 *
 * E1. The record is in the same append as the end of its message: a message that ended has its key.
 * E2. A key is looked for when the message's turn comes, behind the first one with it, if that one still runs.
 * E3. Success, the guest's no and failures are recorded; what was refused before its turn is not.
 */
import { hash } from 'node:crypto';
import { PlexSpacesError, quote } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { IdempotencyRecord, Received } from '@plexspaces/proto';
import { hasExpired } from '../store/expired-records.ts';
import type { JournalEnd } from '../store/journal.ts';
import type { StoreOperation } from '../store/store.ts';
import type { ActorHostOptions } from './actor-host.ts';
import { recordedOutcome } from './message-ends.ts';

type Keyed = Pick<Received, 'idempotencyKey' | 'messageType' | 'payload'>;

/** No client's key begins with it. */
const ASK_PREFIX = '\u0000ask ';
/**
 * The record of an ask goes with the append of its asker's record. It stays only where the asker gave up before the
 * reply was there; so long is no asker kept from asking again.
 */
const ASK_MS = 30 * 24 * 3_600_000;

/** The key under which a durable actor does what another one asks of it. @param callId see WaitingCall. */
export function askKey(callId: string): string {
  return `${ASK_PREFIX}${callId}`;
}

/** Whether a client may use the key. */
export function isClientKey(key: string): boolean {
  return !key.startsWith('\u0000');
}

/** What became of a message without the guest's doing. */
export type Settled =
  | { readonly kind: 'repeated'; readonly repeated: IdempotencyRecord }
  | { readonly kind: 'refused'; readonly error: PlexSpacesError };

export class IdempotencyKeys {
  readonly #actor: ActorAddress;
  readonly #host: ActorHostOptions;
  /** Appended, but perhaps not in the store yet. */
  readonly #unsynced = new Map<string, IdempotencyRecord>();

  constructor(actor: ActorAddress, host: ActorHostOptions) {
    this.#actor = actor;
    this.#host = host;
  }

  /**
   * What became of the message with this key; undefined: it has none, or there was no such message.
   * @throws INVALID_ARGUMENT where the key came with another method or payload.
   */
  async find(message: Keyed): Promise<IdempotencyRecord | undefined> {
    const { idempotencyKey: key } = message;
    if (key === '') return undefined;
    const record = this.#unsynced.get(key) ?? (await this.#host.ports.idempotency.get(this.#actor, key));
    if (record === undefined || hasExpired(record, new Date())) return undefined;
    if (Buffer.compare(record.requestDigest, digest(message)) === 0) return record;
    throw new PlexSpacesError(
      'INVALID_ARGUMENT',
      `idempotency key ${quote(key)}: expected the method and payload that it came with first, found others`,
    );
  }

  /** As `find`, with its error as an outcome. Undefined: its key is new. */
  async settled(message: Keyed): Promise<Settled | undefined> {
    try {
      const repeated = await this.find(message);
      return repeated && { kind: 'repeated', repeated };
    } catch (thrown) {
      return { kind: 'refused', error: PlexSpacesError.from(thrown) };
    }
  }

  /** What is to be appended with the end of a message. */
  recordEnd(sequence: bigint, received: Received, end: JournalEnd): StoreOperation[] {
    const { idempotencyKey: key } = received;
    if (key === '') return [];
    const lastsMs = key.startsWith(ASK_PREFIX) ? ASK_MS : this.#host.settings.idempotencyMs;
    const expiresAt = new Date(Date.now() + lastsMs);
    const record: IdempotencyRecord = { key, requestDigest: digest(received), expiresAt, sequence, outcome: end };
    this.#unsynced.set(key, record);
    void this.#forgetWhenSynced(record);
    return [this.#host.ports.idempotency.put(this.#actor, record)]; // E1
  }

  async #forgetWhenSynced(record: IdempotencyRecord): Promise<void> {
    await Promise.resolve(); // the append comes in this turn
    const { writer } = this.#host.ports;
    await writer.stored(writer.lsn).catch(() => undefined); // a writer that failed takes nothing more
    if (this.#unsynced.get(record.key) === record) this.#unsynced.delete(record.key);
  }
}

/** The recorded reply. @throws the recorded no or failure, or what refused the key. */
export function replaySettled(settled: Settled): Uint8Array {
  if (settled.kind === 'refused') throw settled.error;
  const { outcome } = settled.repeated;
  if (outcome?.$case === 'failed') return recordedOutcome({ kind: 'failed', failed: outcome.value });
  return recordedOutcome({ kind: 'processed', processed: outcome?.value ?? { outcome: undefined } });
}

function digest({ messageType, payload }: Pick<Keyed, 'messageType' | 'payload'>): Uint8Array {
  const head = Buffer.from(`${messageType}\0`);
  return hash('sha256', Buffer.concat([head, payload]), 'buffer');
}
