/** What the commands that look into actors print. The keys of the documents are a contract with scripts. */
import { isUtf8 } from 'node:buffer';
import type { ActorInfo, JournalEntry } from '@plexspaces/client';
import { oneLine } from './output.ts';
import { shortHash, table } from './shapes.ts';

const MAX_SHOWN = 120;

/** What an actor does not have is null; `error` is there only where there is one. */
export function actorsDocument(actors: readonly ActorInfo[]): object {
  return {
    actors: actors.map(({ id, kind, status, sequence, snapshotSequence, replayed, stateHash, restarts, error }) => ({
      id,
      kind: kind ?? null,
      status: status ?? null,
      sequence: sequence ?? null,
      snapshotSequence: snapshotSequence ?? null,
      replayed: replayed ?? null,
      stateHash: stateHash ?? null,
      restarts,
      ...(error !== undefined && { error }),
    })),
  };
}

export function actorsTable(actors: readonly ActorInfo[]): string {
  if (actors.length === 0) return 'no actors';
  return table([
    ['ACTOR', 'KIND', 'STATUS', 'SEQUENCE', 'SNAPSHOT', 'REPLAYED', 'STATE', 'RESTARTS'],
    ...actors.map((actor) => [
      actor.id,
      actor.kind ?? '-',
      actor.error === undefined ? (actor.status ?? '-') : `${actor.status ?? '-'} (${oneLine(actor.error)})`,
      String(actor.sequence ?? '-'),
      String(actor.snapshotSequence ?? '-'),
      String(actor.replayed ?? '-'),
      actor.stateHash === undefined ? '-' : shortHash(actor.stateHash),
      String(actor.restarts),
    ]),
  ]);
}

export function journalDocument(entry: JournalEntry): object {
  const { sequence, index, kind, time, epoch } = entry;
  return { sequence, index, kind, time: time?.toISOString() ?? null, epoch, ...contentOf(entry) };
}

export function journalLine(entry: JournalEntry): string {
  const place = `${entry.sequence}.${entry.index}  ${entry.time?.toISOString() ?? '-'}  ${entry.kind.padEnd(9)}`;
  return `${place}  ${oneLine(summaryOf(entry))}`;
}

function contentOf(entry: JournalEntry): object {
  switch (entry.kind) {
    case 'received':
      return { from: entry.from, messageType: entry.messageType, payload: textOrBase64(entry.payload) };
    case 'host-call':
      return { function: entry.function, reply: textOrBase64(entry.reply) };
    case 'processed':
      return entry.error === undefined ? { reply: textOrBase64(entry.reply) } : { error: entry.error };
    case 'failed':
      return { error: entry.error };
  }
}

function summaryOf(entry: JournalEntry): string {
  switch (entry.kind) {
    case 'received':
      return entry.from === '' ? 'init' : `${entry.messageType} from ${entry.from}: ${shownBytes(entry.payload)}`;
    case 'host-call':
      return `${entry.function}: ${shownBytes(entry.reply)}`;
    case 'processed':
      return entry.error === undefined ? shownBytes(entry.reply) : `no: ${entry.error.message}`;
    case 'failed':
      return `${entry.error.code}: ${entry.error.message}`;
  }
}

export function textOrBase64(bytes: Uint8Array): string | { readonly base64: string } {
  const buffer = Buffer.from(bytes);
  return isUtf8(buffer) ? buffer.toString('utf8') : { base64: buffer.toString('base64') };
}

export function shownBytes(bytes: Uint8Array): string {
  const text = textOrBase64(bytes);
  const whole = typeof text === 'string' ? text : `base64 ${text.base64}`;
  return whole.length > MAX_SHOWN ? `${whole.slice(0, MAX_SHOWN)}…` : whole;
}
