/** The journal of a durable actor as a program sees it: one entry a record, oldest first. */
import { PlexSpacesError, toUint64 } from '@plexspaces/core';
import { JournalEntryKind } from '@plexspaces/proto';
import type { ReadJournalResponse, ServiceError } from '@plexspaces/proto';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';

/** A journal is long, and read as fast as its reader takes it: the whole of it has this long. */
const JOURNAL_DEADLINE_MS = 600_000;

export interface JournalOptions extends CallOptions {
  /** The first message to show; the oldest kept by default. */
  readonly from?: number | undefined;
}

export interface JournalFailure {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
}

interface JournalPlace {
  /** The number of the message; 0 is the first `init`. */
  readonly sequence: number;
  /** The record's place within the message. */
  readonly index: number;
  /** When the message's handling began. */
  readonly time: Date | undefined;
  /** The start of the node that wrote it. */
  readonly epoch: number;
}

export type JournalEntry = JournalPlace &
  (
    | {
        readonly kind: 'received';
        /** Who sent it; empty for `init`, as is the message type. */
        readonly from: string;
        readonly messageType: string;
        readonly payload: Uint8Array;
      }
    /** `reply` is JSON: how long it took, and its value or its error. */
    | { readonly kind: 'host-call'; readonly function: string; readonly reply: Uint8Array }
    /** The guest answered; `error` is its own "no". */
    | { readonly kind: 'processed'; readonly reply: Uint8Array; readonly error: JournalFailure | undefined }
    /** The guest did not answer: its state is as it was before. */
    | { readonly kind: 'failed'; readonly error: JournalFailure }
  );

export async function* readJournal(
  { actors }: Stubs,
  id: string,
  { from = 0, ...options }: JournalOptions,
): AsyncGenerator<JournalEntry> {
  const request = { id, fromSequence: toUint64(from, 'from') };
  const records = actors.readJournal(request, stubOptions(options, JOURNAL_DEADLINE_MS));
  for await (const record of records) yield toEntry(record);
}

function toEntry(record: ReadJournalResponse): JournalEntry {
  const { sequence, index, time, epoch, fromActor, name, payload, error } = record;
  const place = { sequence: Number(sequence), index, time, epoch: Number(epoch) };
  switch (record.kind) {
    case JournalEntryKind.JOURNAL_ENTRY_KIND_RECEIVED:
      return { ...place, kind: 'received', from: fromActor, messageType: name, payload };
    case JournalEntryKind.JOURNAL_ENTRY_KIND_HOST_CALL:
      return { ...place, kind: 'host-call', function: name, reply: payload };
    case JournalEntryKind.JOURNAL_ENTRY_KIND_PROCESSED:
      return { ...place, kind: 'processed', reply: payload, error: error && toFailure(error) };
    case JournalEntryKind.JOURNAL_ENTRY_KIND_FAILED:
      return { ...place, kind: 'failed', error: toFailure(error) };
    default:
      throw new PlexSpacesError('INTERNAL', `journal: expected a known kind of record, found ${record.kind}`);
  }
}

export function toFailure(error: ServiceError | undefined): JournalFailure {
  const { code = '', message = '', details = {} } = error ?? {};
  return { code, message, details };
}
