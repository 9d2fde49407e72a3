/**
 * Branches of a durable actor's history: behind which of its messages its state can be rebuilt, the operations
 * that copy what it keeps under another key, and those that cut off its newest messages. It writes nothing.
 *
 * C1. A copied message keeps the address that it was handled under: a replay of it must see what it saw.
 * C2. What a copy holds in memory is bounded.
 * C3. Damage is no reason to refuse what lies before it, and is copied as it is where everything is.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { Failed, IdempotencyRecord, JournalRecord, QuarantineRecord } from '@plexspaces/proto';
import type { HostCall, Received } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { holdsEnd } from './journal.ts';
import type { Journal } from './journal.ts';
import {
  actorIdempotencyKeys,
  actorJournal,
  actorQuarantine,
  actorSnapshots,
  actorState,
  journalStretch,
  keyUnder,
  parseJournalPlace,
  parseSequence,
  unfinishedKey,
} from './key-layout.ts';
import type { KeyRange, Store, StoreOperation } from './store.ts';

/** What of an actor can be brought back. */
export interface Reach {
  /** The first message behind which its state can be rebuilt. */
  readonly oldest: bigint;
  /** The last message that it has handled. */
  readonly last: bigint;
  /** Something lies behind that one: a message that was interrupted, or what cannot be read. */
  readonly hasTail: boolean;
}

export interface Cut {
  readonly operations: readonly StoreOperation[];
  readonly messages: number;
}

const MAX_COPY_BYTES = 268_435_456;

/** How the copy of a message that never ended does end: nobody is to go on with it. */
const CUT_OFF = Failed.fromPartial({ code: 'ABORTED', message: 'cut off by a rewind before it ended' });

export class Branches {
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #maxCopyBytes: number;

  constructor(store: Store, journal: Journal, maxCopyBytes: number = MAX_COPY_BYTES) {
    this.#store = store;
    this.#journal = journal;
    this.#maxCopyBytes = maxCopyBytes;
  }

  async exists(actor: ActorAddress): Promise<boolean> {
    const ranges = [actorJournal(actor, 0n), actorSnapshots(actor)];
    const keys = await Promise.all(ranges.map((range) => this.#store.edgeKey(range, 'first')));
    return keys.some((key) => key !== undefined);
  }

  /** @throws NOT_FOUND, FAILED_PRECONDITION where it has handled nothing, DATA_LOSS where nothing can be rebuilt. */
  async reach(actor: ActorAddress): Promise<Reach> {
    const snapshots = await this.#wholeSnapshots(actor);
    const { first, last } = await this.#journalEnds(actor);
    const handled = last?.hasEnded === false ? last.sequence - 1n : (last?.sequence ?? snapshots.at(-1));
    const id = formatActorAddress(actor);
    if (handled === undefined) throw new PlexSpacesError('NOT_FOUND', `there is no actor ${id}`);
    if (handled < 0n) throw new PlexSpacesError('FAILED_PRECONDITION', `${id} has handled nothing yet`);
    // Without its beginning the journal says nothing but behind a snapshot that it follows on.
    const oldest = first === 0n ? 0n : snapshots.find((sequence) => sequence + 1n >= (first ?? 0n));
    if (oldest === undefined || oldest > handled) {
      throw new PlexSpacesError('DATA_LOSS', `${id}: no snapshot is whole that its journal, from ${first}, follows on`);
    }
    return { oldest, last: handled, hasTail: last?.hasEnded === false };
  }

  /** @throws DATA_LOSS where something is damaged or missing of what makes its state behind message `at`. */
  async expectWhole(actor: ActorAddress, at: bigint): Promise<void> {
    const snapshot = (await this.#wholeSnapshots(actor)).findLast((sequence) => sequence <= at);
    let behind = snapshot ?? -1n;
    const tail = this.#journal.messages(actor, behind + 1n, at);
    for await (const { sequence, end } of tail) if (end !== undefined) behind = sequence;
    if (behind === at) return;
    const message = `journal of ${formatActorAddress(actor)}: expected whole messages up to ${at}, found them up to ${behind}`;
    throw new PlexSpacesError('DATA_LOSS', message);
  }

  /** What another actor needs to have the state behind message `at`. @throws RESOURCE_EXHAUSTED (C2), DATA_LOSS. */
  async copyUpTo(from: ActorAddress, to: ActorAddress, at: bigint): Promise<StoreOperation[]> {
    const copy = new Copy(from, to, this.#maxCopyBytes);
    for await (const [key, value] of this.#store.range(actorSnapshots(from))) {
      if (parseSequence(key) <= at && isWhole(key, value)) copy.add(key, value);
    }
    for await (const [key, value] of this.#store.range(journalStretch(from, 0n, at))) {
      copy.add(key, recordOf(from, key, value));
    }
    return copy.operations;
  }

  /** Everything that the actor keeps, damaged or not (C3). @throws RESOURCE_EXHAUSTED (C2). */
  async copyAll(from: ActorAddress, to: ActorAddress): Promise<StoreOperation[]> {
    const copy = new Copy(from, to, this.#maxCopyBytes);
    for (const range of actorState(from)) {
      for await (const [key, value] of this.#store.range(range)) {
        copy.add(key, isWhole(key, value) ? recordOf(from, key, value) : value);
      }
    }
    return [...copy.operations, ...(await this.#endOfInterrupted(from, to))];
  }

  /** @param visit sees each host call that is cut off and can be read. */
  async cutBehind(actor: ActorAddress, at: bigint, visit: (sequence: bigint, call: HostCall) => void): Promise<Cut> {
    const operations: StoreOperation[] = [{ type: 'del', key: unfinishedKey(actor) }];
    const sequences = new Set<bigint>();
    for await (const [key, value] of this.#store.range(actorJournal(actor, at + 1n))) {
      operations.push({ type: 'del', key });
      const { sequence } = parseJournalPlace(key);
      sequences.add(sequence);
      const { body } = isWhole(key, value) ? JournalRecord.decode(unframe(key, value)) : {};
      if (body?.$case === 'hostCall') visit(sequence, body.value);
    }
    for (const range of [actorSnapshots(actor), actorQuarantine(actor)]) {
      for await (const key of this.#store.keys(range)) {
        if (parseSequence(key) > at) operations.push({ type: 'del', key });
      }
    }
    for await (const [key, value] of this.#store.range(actorIdempotencyKeys(actor))) {
      if (isWhole(key, value) && IdempotencyRecord.decode(unframe(key, value)).sequence > at) {
        operations.push({ type: 'del', key });
      }
    }
    return { operations, messages: sequences.size };
  }

  /** The operations that remove all that the actor keeps. */
  async removal(actor: ActorAddress): Promise<StoreOperation[]> {
    const operations: StoreOperation[] = [{ type: 'del', key: unfinishedKey(actor) }];
    for (const range of actorState(actor)) {
      for await (const key of this.#store.keys(range)) operations.push({ type: 'del', key });
    }
    return operations;
  }

  async #wholeSnapshots(actor: ActorAddress): Promise<bigint[]> {
    const sequences: bigint[] = [];
    for await (const [key, value] of this.#store.range(actorSnapshots(actor))) {
      if (isWhole(key, value)) sequences.push(parseSequence(key));
    }
    return sequences;
  }

  async #journalEnds(actor: ActorAddress): Promise<{
    first: bigint | undefined;
    last: { readonly sequence: bigint; readonly hasEnded: boolean } | undefined;
  }> {
    const [first, last] = await this.#edges(actorJournal(actor, 0n));
    if (first === undefined || last === undefined) return { first: undefined, last: undefined };
    const value = await this.#store.get(last);
    const hasEnded =
      value !== undefined && isWhole(last, value) && holdsEnd(JournalRecord.decode(unframe(last, value)));
    return { first: parseJournalPlace(first).sequence, last: { ...parseJournalPlace(last), hasEnded } };
  }

  async #endOfInterrupted(from: ActorAddress, to: ActorAddress): Promise<StoreOperation[]> {
    const [, last] = await this.#edges(actorJournal(from, 0n));
    const value = last === undefined ? undefined : await this.#store.get(last);
    if (last === undefined || value === undefined || !isWhole(last, value)) return [];
    const record = JournalRecord.decode(unframe(last, value));
    if (holdsEnd(record)) return [];
    return [this.#journal.record(to, record.sequence, record.index + 1, { $case: 'failed', value: CUT_OFF })];
  }

  #edges(range: KeyRange): Promise<[string | undefined, string | undefined]> {
    return Promise.all([this.#store.edgeKey(range, 'first'), this.#store.edgeKey(range, 'last')]);
  }
}

/** The records of one actor as those of another. */
class Copy {
  readonly operations: StoreOperation[] = [];
  readonly #from: ActorAddress;
  readonly #to: ActorAddress;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(from: ActorAddress, to: ActorAddress, maxBytes: number) {
    this.#from = from;
    this.#to = to;
    this.#maxBytes = maxBytes;
  }

  add(key: string, value: Uint8Array): void {
    this.#bytes += key.length + value.length;
    if (this.#bytes > this.#maxBytes) {
      const message = `copy of ${formatActorAddress(this.#from)}: expected at most ${this.#maxBytes} bytes, found more`;
      throw new PlexSpacesError('RESOURCE_EXHAUSTED', message); // C2
    }
    this.operations.push({ type: 'put', key: keyUnder(key, this.#from, this.#to), value });
  }
}

/** C1; what holds no message stays as it is. @throws DATA_LOSS where the message that it holds is damaged. */
function recordOf(actor: ActorAddress, key: string, value: Uint8Array): Uint8Array {
  if (key.startsWith('j/') && parseJournalPlace(key).index === 0) {
    const record = JournalRecord.decode(unframe(key, value));
    if (record.body?.$case !== 'received') return value;
    const body = { ...record.body, value: handledUnder(actor, record.body.value) };
    return frameMessage(JournalRecord, { ...record, body });
  }
  if (!key.startsWith('q/')) return value;
  const record = QuarantineRecord.decode(unframe(key, value));
  if (record.received === undefined) return value;
  return frameMessage(QuarantineRecord, { ...record, received: handledUnder(actor, record.received) });
}

function handledUnder(actor: ActorAddress, received: Received): Received {
  return { ...received, selfId: received.selfId ?? formatActorAddress(actor) };
}

function isWhole(key: string, value: Uint8Array): boolean {
  try {
    unframe(key, value);
    return true;
  } catch {
    return false;
  }
}
