/** ActorService.ReadJournal: a journal's records as messages, one at a time, as fast as the reader takes them. */
import { formatActorAddress, parseActorAddress, PlexSpacesError, tupleToOutput } from '@plexspaces/core';
import { JournalEntryKind } from '@plexspaces/proto';
import type { ReadJournalRequest, ReadJournalResponse } from '@plexspaces/proto';
import { decodeHostReply } from '@plexspaces/worker';
import type { HostValue } from '@plexspaces/worker';
import type { ActorDirectory } from '../actors/actor-directory.ts';
import type { Journal, JournalBody, JournalEntry } from '../store/journal.ts';
import type { OutputGate } from './output-gate.ts';

/** @throws NOT_FOUND, FAILED_PRECONDITION for an actor that keeps no journal, DATA_LOSS at a damaged record. */
export async function* readJournal(
  directory: Pick<ActorDirectory, 'get'>,
  journal: Journal,
  gate: OutputGate,
  { id, fromSequence, limit }: ReadJournalRequest,
): AsyncGenerator<ReadJournalResponse> {
  const { address, kind } = await gate(() => directory.get(parseActorAddress(id)));
  if (kind !== 'durable') {
    const found = `${formatActorAddress(address)} is of kind ${kind}`;
    throw new PlexSpacesError('FAILED_PRECONDITION', `journal: expected a durable actor, ${found}`);
  }
  const records = journal.records(address, fromSequence);
  const most = limit === 0n ? Infinity : Number(limit);
  // The store shows a range as it was when its reading began: one wait covers all of it.
  let next = await gate(() => records.next());
  let startMicros: bigint | undefined;
  try {
    for (let count = 0; count < most && next.done !== true; count += 1) {
      const { body } = next.value;
      if (body?.$case === 'received') ({ startMicros } = body.value);
      yield toMessage(next.value, startMicros);
      next = await records.next();
    }
  } finally {
    await records.return(undefined);
  }
}

function toMessage(
  { sequence, index, epoch, body }: JournalEntry,
  startMicros: bigint | undefined,
): ReadJournalResponse {
  const time = startMicros === undefined ? undefined : new Date(Number(startMicros / 1000n));
  return { sequence, index, epoch, time, ...EMPTY, ...contentOf(body) };
}

type Content = Pick<ReadJournalResponse, 'kind' | 'fromActor' | 'name' | 'payload' | 'error'>;

const EMPTY: Content = {
  kind: JournalEntryKind.JOURNAL_ENTRY_KIND_UNSPECIFIED,
  fromActor: '',
  name: '',
  payload: new Uint8Array(),
  error: undefined,
};

function contentOf(body: JournalBody | undefined): Partial<Content> {
  switch (body?.$case) {
    case undefined:
      return {};
    case 'received': {
      const { fromActor, messageType: name, payload } = body.value;
      return { kind: JournalEntryKind.JOURNAL_ENTRY_KIND_RECEIVED, fromActor, name, payload };
    }
    case 'hostCall': {
      const { function: name, reply } = body.value;
      const payload = Buffer.from(JSON.stringify(describeReply(reply)));
      return { kind: JournalEntryKind.JOURNAL_ENTRY_KIND_HOST_CALL, name, payload };
    }
    case 'processed': {
      const kind = JournalEntryKind.JOURNAL_ENTRY_KIND_PROCESSED;
      const { outcome } = body.value;
      if (outcome?.$case !== 'guestError') return { kind, payload: outcome?.value ?? EMPTY.payload };
      return { kind, error: { code: 'EXECUTION_ERROR', message: outcome.value, details: {} } };
    }
    case 'failed': {
      const { code, reason, message } = body.value;
      const details: Record<string, string> = reason === '' ? {} : { reason };
      return { kind: JournalEntryKind.JOURNAL_ENTRY_KIND_FAILED, error: { code, message, details } };
    }
  }
}

function describeReply(bytes: Uint8Array): object {
  const reply = decodeHostReply(bytes);
  const { durationMicros } = reply;
  if (!reply.ok) return { durationMicros, error: { code: reply.code, message: reply.message } };
  return { durationMicros, value: describeValue(reply.value) };
}

function describeValue(value: HostValue): unknown {
  switch (value.type) {
    case 'unit':
    case 'none':
      return null;
    case 'tuple':
      return tupleToOutput(value.tuple);
    case 'u64':
      return describeU64(value.value);
    case 'bool':
      return value.value;
    case 'tuples':
      return value.tuples.map(tupleToOutput);
    case 'payload':
      return describeBytes(value.payload);
    case 'versioned':
      return { value: describeBytes(value.payload), version: describeU64(value.version) };
    case 'texts':
      return value.texts;
  }
}

/** A text where a JSON number would not be exact. */
function describeU64(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}

function describeBytes(bytes: Uint8Array): object {
  return { base64: Buffer.from(bytes).toString('base64') };
}
