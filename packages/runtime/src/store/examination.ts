/**
 * What of a store is whole: every record is read once, one at a time, and nothing is written. Where a start or an
 * actor would stop at the first damage, this goes on behind it.
 */
import { decodePattern, decodeTuple, formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import {
  ApplicationRecord,
  IdempotencyRecord,
  IntervalRecord,
  QuarantineRecord,
  ServiceOwnerRecord,
  StateRecord,
  TimerRecord,
  TupleOperationRecord,
  TupleRecord,
  TupleSubscriptionRecord,
  UnfinishedRecord,
} from '@plexspaces/proto';
import { unframe } from './checksum.ts';
import { Journal } from './journal.ts';
import {
  ALL_APPLICATIONS,
  ALL_IDEMPOTENCY_KEYS,
  ALL_INTERVALS,
  ALL_QUARANTINED,
  ALL_SERVICE_OWNERS,
  ALL_STATE,
  ALL_TIMERS,
  ALL_TUPLE_OPERATIONS,
  ALL_TUPLE_SUBSCRIPTIONS,
  ALL_TUPLES,
  ALL_UNFINISHED,
  allActorsBehind,
  parseActor,
} from './key-layout.ts';
import { Snapshots } from './snapshots.ts';
import type { KeyRange, Store } from './store.ts';

export interface Finding {
  readonly check:
    | 'watermark'
    | 'database'
    | 'log'
    | 'application'
    | 'actor'
    | 'unfinished'
    | 'quarantine'
    | 'idempotency-keys'
    | 'tuples'
    | 'tuple-operations'
    | 'tuple-subscriptions'
    | 'state'
    | 'timers'
    | 'intervals'
    | 'service-owners';
  /** Of an application or an actor; else empty. */
  readonly name: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
  /** What is wrong, naming file, record or sequence; empty: it is whole. */
  readonly problems: readonly string[];
}

export interface ExaminedApplication {
  readonly key: string;
  /** Undefined: damaged. */
  readonly record: ApplicationRecord | undefined;
  readonly problem: string | undefined;
}

/** Of one finding: a store that is damaged all over must not fill the memory with its description. */
const MAX_PROBLEMS = 20;
/** Nothing is written here. */
const NO_EPOCH = 0n;

export async function* applicationsIn(store: Store): AsyncGenerator<ExaminedApplication> {
  for await (const [key, value] of store.range(ALL_APPLICATIONS)) {
    try {
      yield { key, record: ApplicationRecord.decode(unframe(key, value)), problem: undefined };
    } catch (thrown) {
      yield { key, record: undefined, problem: messageOf(thrown) };
    }
  }
}

/** Of every service that left something, deployed or not. */
export async function* examineActors(store: Store): AsyncGenerator<Finding> {
  for (let actor = await nextActor(store, undefined); actor !== undefined; actor = await nextActor(store, actor)) {
    yield await examineActor(store, actor);
  }
}

/** What is kept beside applications and actors, one finding for each kind of record. */
export async function* examineRecords(store: Store): AsyncGenerator<Finding> {
  yield await examineRange(store, 'unfinished', ALL_UNFINISHED, (bytes) => UnfinishedRecord.decode(bytes));
  yield await examineRange(store, 'quarantine', ALL_QUARANTINED, (bytes) => QuarantineRecord.decode(bytes));
  yield await examineRange(store, 'idempotency-keys', ALL_IDEMPOTENCY_KEYS, (bytes) => IdempotencyRecord.decode(bytes));
  yield await examineRange(store, 'tuples', ALL_TUPLES, (bytes) => decodeTuple(TupleRecord.decode(bytes).tuple));
  yield await examineRange(store, 'tuple-operations', ALL_TUPLE_OPERATIONS, (bytes) =>
    TupleOperationRecord.decode(bytes),
  );
  yield await examineRange(store, 'tuple-subscriptions', ALL_TUPLE_SUBSCRIPTIONS, (bytes) =>
    decodePattern(TupleSubscriptionRecord.decode(bytes).pattern),
  );
  yield await examineRange(store, 'state', ALL_STATE, (bytes) => StateRecord.decode(bytes));
  yield await examineRange(store, 'timers', ALL_TIMERS, (bytes) => TimerRecord.decode(bytes));
  yield await examineRange(store, 'intervals', ALL_INTERVALS, (bytes) => IntervalRecord.decode(bytes));
  yield await examineRange(store, 'service-owners', ALL_SERVICE_OWNERS, (bytes) => ServiceOwnerRecord.decode(bytes));
}

export function messageOf(thrown: unknown): string {
  return PlexSpacesError.from(thrown).message;
}

async function examineActor(store: Store, actor: ActorAddress): Promise<Finding> {
  const { sequences, damaged } = await new Snapshots(store, NO_EPOCH).load(actor);
  const problems = damaged.map(({ message }) => message);
  const [oldest] = sequences;
  let first: bigint | undefined;
  let last: bigint | undefined;
  try {
    // The journal begins behind the oldest snapshot, and without one at the beginning.
    const from = oldest === undefined ? 0n : oldest + 1n;
    for await (const { sequence } of new Journal(store, NO_EPOCH).messages(actor, from)) {
      first ??= sequence;
      last = sequence;
    }
  } catch (thrown) {
    problems.push(messageOf(thrown));
  }
  const facts = {
    firstSequence: toNumber(first),
    lastSequence: toNumber(last),
    snapshots: sequences.length,
    snapshotSequence: toNumber(sequences.at(-1)),
  };
  return { check: 'actor', name: formatActorAddress(actor), facts, problems: problems.slice(0, MAX_PROBLEMS) };
}

async function nextActor(store: Store, after: ActorAddress | undefined): Promise<ActorAddress | undefined> {
  const seeks = allActorsBehind(after).map((range) => store.edgeKey(range, 'first'));
  const found = (await Promise.all(seeks)).filter((key) => key !== undefined);
  const [next] = found.toSorted((a, b) => Buffer.compare(Buffer.from(a.slice(1)), Buffer.from(b.slice(1))));
  return next === undefined ? undefined : parseActor(next);
}

async function examineRange(
  store: Store,
  check: Finding['check'],
  range: KeyRange,
  decode: (bytes: Uint8Array) => unknown,
): Promise<Finding> {
  const problems: string[] = [];
  const facts = { count: 0, damaged: 0 };
  for await (const [key, value] of store.range(range)) {
    facts.count += 1;
    try {
      decode(unframe(key, value));
    } catch (thrown) {
      facts.damaged += 1;
      if (problems.length < MAX_PROBLEMS) problems.push(`${JSON.stringify(key)}: ${messageOf(thrown)}`);
    }
  }
  return { check, name: '', facts, problems };
}

function toNumber(sequence: bigint | undefined): number | null {
  return sequence === undefined ? null : Number(sequence);
}
