/**
 * The keys of the database, by their first letter:
 *
 *     m/<name>                                  the node's own facts: format, epoch
 *     a/<application id>                        ApplicationRecord
 *     t/<namespace>\0<tuple number>             TupleRecord
 *     j/<service>\0<key>\0<sequence>.<index>    JournalRecord
 *
 * Names never hold a control character, so that \0 ends them; numbers are hexadecimal of fixed width,
 * so that the order of keys is the order of numbers.
 */
import type { ActorAddress } from '@plexspaces/core';
import type { KeyRange } from './store.ts';

const END = '\u0000';
const AFTER_END = '\u0001';

export const FORMAT_KEY = 'm/format';
export const EPOCH_KEY = 'm/epoch';

export function applicationKey(applicationId: string): string {
  return `a/${applicationId}`;
}

export const ALL_APPLICATIONS: KeyRange = { from: 'a/', to: 'a0' };
export const ALL_TUPLES: KeyRange = { from: 't/', to: 't0' };

export function tupleKey(namespace: string, number: bigint): string {
  return `t/${namespace}${END}${hex(number, 16)}`;
}

export function parseTupleKey(key: string): { namespace: string; number: bigint } {
  const end = key.indexOf(END);
  return { namespace: key.slice(2, end), number: BigInt(`0x${key.slice(end + 1)}`) };
}

export function journalKey(actor: ActorAddress, sequence: bigint, index: number): string {
  return `j/${actor.service}${END}${actor.key}${END}${hex(sequence, 16)}.${hex(BigInt(index), 8)}`;
}

export function actorJournal(actor: ActorAddress): KeyRange {
  const prefix = `j/${actor.service}${END}${actor.key}`;
  return { from: prefix + END, to: prefix + AFTER_END };
}

export function serviceJournals(service: string): KeyRange {
  return { from: `j/${service}${END}`, to: `j/${service}${AFTER_END}` };
}

function hex(value: bigint, width: number): string {
  return value.toString(16).padStart(width, '0');
}
