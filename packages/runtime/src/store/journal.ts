/**
 * The journal of durable actors: for each message what was received, each host call with its result, and
 * how it ended. This file knows the records; it writes nothing (LogWriter does) and runs nothing.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { JournalRecord } from '@plexspaces/proto';
import type { Failed, HostCall as HostCallRecord, Processed, Received } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { actorJournal, journalKey, journalStretch, serviceState } from './key-layout.ts';
import type { KeyRange, Store, StoreOperation } from './store.ts';

export type JournalBody = NonNullable<JournalRecord['body']>;

/** One record, however it is stored: a message without host calls has both of its records in one. */
export type JournalEntry = Omit<JournalRecord, 'end'>;
export type JournalEnd = Extract<JournalBody, { $case: 'processed' | 'failed' }>;

/** One message as it was journaled; without an end it was interrupted by the death of the process. */
export interface JournaledMessage {
  readonly sequence: bigint;
  readonly received: Received;
  readonly hostCalls: readonly HostCallRecord[];
  readonly end: JournaledEnd | undefined;
}

export type JournaledEnd =
  | { readonly kind: 'processed'; readonly processed: Processed }
  | { readonly kind: 'failed'; readonly failed: Failed };

export class Journal {
  readonly #store: Store;
  readonly #epoch: bigint;

  /** @param epoch of this start of the node; every record carries the epoch of its writer. */
  constructor(store: Store, epoch: bigint) {
    this.#store = store;
    this.#epoch = epoch;
  }

  record(actor: ActorAddress, sequence: bigint, index: number, body: JournalBody): StoreOperation {
    return this.#put(actor, { sequence, index, epoch: this.#epoch, body, end: undefined });
  }

  /** Both records of a message that made no host call. */
  whole(actor: ActorAddress, sequence: bigint, received: Received, end: JournalEnd): StoreOperation {
    const body = { $case: 'received', value: received } as const;
    const stored =
      end.$case === 'processed'
        ? ({ $case: 'endedProcessed', value: end.value } as const)
        : ({ $case: 'endedFailed', value: end.value } as const);
    return this.#put(actor, { sequence, index: 0, epoch: this.#epoch, body, end: stored });
  }

  /**
   * From message `from` on, oldest first.
   * @param through the last one; none: to the end.
   * @throws DATA_LOSS at a damaged record, a gap in the numbers or an epoch that goes back.
   */
  async *messages(actor: ActorAddress, from = 0n, through?: bigint): AsyncGenerator<JournaledMessage> {
    let open: MessageBuilder | undefined;
    let expected = from;
    let epoch = 0n;
    const range = through === undefined ? actorJournal(actor, from) : journalStretch(actor, from, through);
    for await (const [key, value] of this.#store.range(range)) {
      if (open?.hasEnd === true) {
        yield open.build();
        expected = open.sequence + 1n;
        open = undefined;
      }
      open ??= new MessageBuilder(actor, expected);
      for (const entry of readEntries(key, value)) {
        if (entry.epoch < epoch) throw open.gap(entry);
        epoch = entry.epoch;
        open.add(entry);
      }
    }
    if (open !== undefined) yield open.build();
  }

  /** From message `from` on, oldest first, as they are: whether one is missing is not looked at. @throws DATA_LOSS. */
  async *records(actor: ActorAddress, from = 0n): AsyncGenerator<JournalEntry> {
    for await (const [key, value] of this.#store.range(actorJournal(actor, from))) {
      yield* readEntries(key, value);
    }
  }

  /** The newest record; undefined: there is none. @throws DATA_LOSS where it is damaged. */
  async last(actor: ActorAddress): Promise<JournalEntry | undefined> {
    const key = await this.#store.edgeKey(actorJournal(actor, 0n), 'last');
    const value = key === undefined ? undefined : await this.#store.get(key);
    return key === undefined || value === undefined ? undefined : readEntries(key, value).at(-1);
  }

  /** The operations that remove the messages before `end`. What is not in the store yet is not among them. */
  truncate(actor: ActorAddress, end: bigint): Promise<StoreOperation[]> {
    return deletions(this.#store, { from: journalKey(actor, 0n, 0), to: journalKey(actor, end, 0) });
  }

  /** The operations that remove all that a service and its durable actors keep. */
  async purge(service: string): Promise<StoreOperation[]> {
    const ranges = serviceState(service).map((range) => deletions(this.#store, range));
    return (await Promise.all(ranges)).flat();
  }

  #put(actor: ActorAddress, record: JournalRecord): StoreOperation {
    const key = journalKey(actor, record.sequence, record.index);
    return { type: 'put', key, value: frameMessage(JournalRecord, record) };
  }
}

/** @throws DATA_LOSS where it is damaged. */
function readEntries(key: string, value: Uint8Array): JournalEntry[] {
  const { end, ...entry } = JournalRecord.decode(unframe(key, value));
  if (end === undefined) return [entry];
  return [entry, { ...entry, index: entry.index + 1, body: bodyOf(end) }];
}

function bodyOf(end: NonNullable<JournalRecord['end']>): JournalEnd {
  return end.$case === 'endedProcessed'
    ? { $case: 'processed', value: end.value }
    : { $case: 'failed', value: end.value };
}

/** Whether a stored record is, or has in it, the end of its message. */
export function holdsEnd({ body, end }: JournalRecord): boolean {
  return end !== undefined || body?.$case === 'processed' || body?.$case === 'failed';
}

async function deletions(store: Store, range: KeyRange): Promise<StoreOperation[]> {
  const operations: StoreOperation[] = [];
  for await (const key of store.keys(range)) operations.push({ type: 'del', key });
  return operations;
}

/** Puts the records of one message together and checks that none is missing. */
class MessageBuilder {
  readonly sequence: bigint;
  readonly #actor: ActorAddress;
  readonly #hostCalls: HostCallRecord[] = [];
  #received: Received | undefined;
  #end: JournaledEnd | undefined;
  #records = 0;

  constructor(actor: ActorAddress, sequence: bigint) {
    this.#actor = actor;
    this.sequence = sequence;
  }

  add(record: JournalEntry): void {
    const { body } = record;
    const inOrder = record.sequence === this.sequence && record.index === this.#records && this.#end === undefined;
    const startsRight = (this.#received === undefined) === (body?.$case === 'received');
    if (body === undefined || !inOrder || !startsRight) throw this.gap(record);
    this.#records += 1;
    switch (body.$case) {
      case 'received':
        this.#received = body.value;
        break;
      case 'hostCall':
        this.#hostCalls.push(body.value);
        break;
      case 'processed':
        this.#end = { kind: 'processed', processed: body.value };
        break;
      case 'failed':
        this.#end = { kind: 'failed', failed: body.value };
        break;
    }
  }

  /** Only the last message may lack one: the next begins when it has ended. */
  get hasEnd(): boolean {
    return this.#end !== undefined;
  }

  build(): JournaledMessage {
    if (this.#received === undefined) throw new PlexSpacesError('INTERNAL', 'a message was built without a record');
    return { sequence: this.sequence, received: this.#received, hostCalls: this.#hostCalls, end: this.#end };
  }

  gap(record: JournalEntry): PlexSpacesError {
    return new PlexSpacesError(
      'DATA_LOSS',
      `journal of ${formatActorAddress(this.#actor)}: expected record ${this.sequence}.${this.#records}, ` +
        `found ${record.sequence}.${record.index} (${record.body?.$case ?? 'empty'}) of epoch ${record.epoch}`,
    );
  }
}
