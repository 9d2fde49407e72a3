/**
 * The keys of the database, by their first letter:
 *
 *     m/<name>                                  the node's own facts: format, epoch
 *     w/<LSN>                                   CommitMark
 *     a/<application id>                        ApplicationRecord
 *     t/<space>\0<tuple number>                 TupleRecord
 *     k/<space>\0<sha256 of its key>            TupleOperationRecord
 *     b/<service>\0<key>\0<number>              TupleSubscriptionRecord
 *     j/<service>\0<key>\0<sequence>.<index>    JournalRecord
 *     s/<service>\0<key>\0<sequence>            SnapshotRecord
 *     i/<service>\0<key>\0<sha256 of its key>   IdempotencyRecord
 *     q/<service>\0<key>\0<sequence>            QuarantineRecord
 *     u/<service>\0<key>                        UnfinishedRecord
 *     x/<service>\0<key>\0<number>              InboxRecord
 *     v/<service>\0<key>                        StateRecord
 *     y/<service>\0<key>\0<timer number>        TimerRecord
 *     e/<service>\0<index>                      IntervalRecord
 *     o/<service>\0                             ServiceOwnerRecord
 *
 * A space is a namespace, of another tenant than the default one `<tenant>/<namespace>`. Names never hold a control
 * character, so that \0 ends them; numbers are hexadecimal of fixed width,
 * so that the order of keys is the order of numbers.
 */
import { hash } from 'node:crypto';
import type { ActorAddress } from '@plexspaces/core';
import type { KeyRange } from './store.ts';

const END = '\u0000';
const AFTER_END = '\u0001';

export const FORMAT_KEY = 'm/format';
export const EPOCH_KEY = 'm/epoch';

/** By the LSN with which the batch ends. */
export function markKey(lsn: bigint): string {
  return `w/${hex(lsn, 16)}`;
}

export function parseMarkKey(key: string): bigint {
  return BigInt(`0x${key.slice(2)}`);
}

/** From the mark of `lsn` on. */
export function marksFrom(lsn: bigint): KeyRange {
  return { from: markKey(lsn), to: 'w0' };
}

export function applicationKey(applicationId: string): string {
  return `a/${applicationId}`;
}

export const ALL_APPLICATIONS: KeyRange = { from: 'a/', to: 'a0' };
export const ALL_TUPLES: KeyRange = { from: 't/', to: 't0' };

export function tupleKey(space: string, number: bigint): string {
  return `t/${space}${END}${hex(number, 16)}`;
}

export function parseTupleKey(key: string): { space: string; number: bigint } {
  const end = key.indexOf(END);
  return { space: key.slice(2, end), number: BigInt(`0x${key.slice(end + 1)}`) };
}

export function tupleOperationKey(space: string, key: string): string {
  return `k/${space}${END}${hash('sha256', key, 'hex')}`;
}

export function tupleSubscriptionKey(actor: ActorAddress, number: bigint): string {
  return `b/${actor.service}${END}${actor.key}${END}${hex(number, 16)}`;
}

export function journalKey(actor: ActorAddress, sequence: bigint, index: number): string {
  return `j/${actor.service}${END}${actor.key}${END}${hex(sequence, 16)}.${hex(BigInt(index), 8)}`;
}

/** From the first record of message `from` on. */
export function actorJournal(actor: ActorAddress, from: bigint): KeyRange {
  return { from: journalKey(actor, from, 0), to: `j/${actor.service}${END}${actor.key}${AFTER_END}` };
}

/** The records of the messages from `from` on, up to and with `through`. */
export function journalStretch(actor: ActorAddress, from: bigint, through: bigint): KeyRange {
  return { from: journalKey(actor, from, 0), to: journalKey(actor, through + 1n, 0) };
}

/** Of a journal's key. */
export function parseJournalPlace(key: string): { sequence: bigint; index: number } {
  const [sequence = '', index = ''] = key.slice(key.lastIndexOf(END) + 1).split('.');
  return { sequence: BigInt(`0x${sequence}`), index: Number(`0x${index}`) };
}

export function snapshotKey(actor: ActorAddress, sequence: bigint): string {
  return `s/${actor.service}${END}${actor.key}${END}${hex(sequence, 16)}`;
}

export function actorSnapshots(actor: ActorAddress): KeyRange {
  return rangeOf('s', actor);
}

/** The journals and the snapshots of a service's actors whose key comes behind `after`; none: of all. */
export function actorsBehind(service: string, after: string | undefined): KeyRange[] {
  const start = after === undefined ? END : `${END}${after}${AFTER_END}`;
  return ['j', 's'].map((kind) => ({
    from: `${kind}/${service}${start}`,
    to: `${kind}/${service}${AFTER_END}`,
  }));
}

/** The journals and the snapshots of all actors that come behind `after`, whatever their service; none: of all. */
export function allActorsBehind(after: ActorAddress | undefined): KeyRange[] {
  const start = after === undefined ? '' : `${after.service}${END}${after.key}${AFTER_END}`;
  return ['j', 's'].map((kind) => ({ from: `${kind}/${start}`, to: `${kind}0` }));
}

/** Of a journal's or a snapshot's key. */
export function parseActor(key: string): ActorAddress {
  return { service: key.slice(2, key.indexOf(END)), key: parseActorKey(key) };
}

/** Of a key under which an actor keeps something. */
export function parseActorKey(key: string): string {
  const start = key.indexOf(END) + 1;
  return key.slice(start, key.indexOf(END, start));
}

export function unfinishedKey(actor: ActorAddress): string {
  return `u/${actor.service}${END}${actor.key}`;
}

export function serviceUnfinished(service: string): KeyRange {
  return { from: `u/${service}${END}`, to: `u/${service}${AFTER_END}` };
}

export function parseUnfinishedKey(key: string): string {
  return key.slice(key.indexOf(END) + 1);
}

/** What goes along where an actor is copied: the index of unfinished messages does not, a copy has none. */
const ACTOR_KINDS = ['j', 's', 'i', 'q'] as const;

/** All that one durable actor keeps. */
export function actorState(actor: ActorAddress): KeyRange[] {
  return ACTOR_KINDS.map((kind) => rangeOf(kind, actor));
}

/** Where a record of one actor lies when it is another's. */
export function keyUnder(key: string, from: ActorAddress, to: ActorAddress): string {
  const tail = key.slice(`x/${from.service}${END}${from.key}`.length);
  return `${key.slice(0, 2)}${to.service}${END}${to.key}${tail}`;
}

/** What a service keeps beside its actors, or of them without being copied with them. */
const SERVICE_KINDS = ['u', 'x', 'b', 'v', 'y', 'e'] as const;

export function serviceOwnerKey(service: string): string {
  return `o/${service}${END}`;
}

/** All that a service and its durable actors keep; whose it is stands beside it. */
export function serviceState(service: string): KeyRange[] {
  const kinds = [...ACTOR_KINDS, ...SERVICE_KINDS];
  return kinds.map((kind) => ({ from: `${kind}/${service}${END}`, to: `${kind}/${service}${AFTER_END}` }));
}

export function idempotencyKey(actor: ActorAddress, key: string): string {
  return `i/${actor.service}${END}${actor.key}${END}${hash('sha256', key, 'hex')}`;
}

export function actorIdempotencyKeys(actor: ActorAddress): KeyRange {
  return rangeOf('i', actor);
}

export function quarantineKey(actor: ActorAddress, sequence: bigint): string {
  return `q/${actor.service}${END}${actor.key}${END}${hex(sequence, 16)}`;
}

export function actorQuarantine(actor: ActorAddress): KeyRange {
  return rangeOf('q', actor);
}

/** The messages in quarantine of a service's actors, those behind `after`; none: all of them. */
export function quarantineBehind(
  service: string,
  after: { readonly key: string; readonly sequence: bigint } | undefined,
): KeyRange {
  const start = after === undefined ? `q/${service}${END}` : quarantineKey({ service, ...after }, after.sequence + 1n);
  return { from: start, to: `q/${service}${AFTER_END}` };
}

export function inboxKey(actor: ActorAddress, number: bigint): string {
  return `x/${actor.service}${END}${actor.key}${END}${hex(number, 16)}`;
}

export const ALL_INBOXES: KeyRange = { from: 'x/', to: 'x0' };
export const ALL_TUPLE_OPERATIONS: KeyRange = { from: 'k/', to: 'k0' };
export const ALL_TUPLE_SUBSCRIPTIONS: KeyRange = { from: 'b/', to: 'b0' };
/** The key of a service's shared state may hold any character: it comes last. */
export function stateKey(service: string, key: string): string {
  return `v/${service}${END}${key}`;
}

export function parseStateKey(key: string): { service: string; key: string } {
  const end = key.indexOf(END);
  return { service: key.slice(2, end), key: key.slice(end + 1) };
}

export function timerKey(actor: ActorAddress, timer: bigint): string {
  return `y/${actor.service}${END}${actor.key}${END}${hex(timer, 16)}`;
}

/** @param index of its place in the manifest. */
export function intervalKey(service: string, index: number): string {
  return `e/${service}${END}${hex(BigInt(index), 8)}`;
}

export function parseIntervalKey(key: string): { service: string; index: number } {
  const end = key.indexOf(END);
  return { service: key.slice(2, end), index: Number(`0x${key.slice(end + 1)}`) };
}

export const ALL_STATE: KeyRange = { from: 'v/', to: 'v0' };
export const ALL_TIMERS: KeyRange = { from: 'y/', to: 'y0' };
export const ALL_INTERVALS: KeyRange = { from: 'e/', to: 'e0' };
export const ALL_IDEMPOTENCY_KEYS: KeyRange = { from: 'i/', to: 'i0' };
export const ALL_UNFINISHED: KeyRange = { from: 'u/', to: 'u0' };
export const ALL_SERVICE_OWNERS: KeyRange = { from: 'o/', to: 'o0' };
export const ALL_QUARANTINED: KeyRange = { from: 'q/', to: 'q0' };

export function parseSequence(key: string): bigint {
  return BigInt(`0x${key.slice(key.lastIndexOf(END) + 1)}`);
}

function rangeOf(kind: string, actor: ActorAddress): KeyRange {
  const prefix = `${kind}/${actor.service}${END}${actor.key}`;
  return { from: prefix + END, to: prefix + AFTER_END };
}

function hex(value: bigint, width: number): string {
  return value.toString(16).padStart(width, '0');
}
