/** A tuple as a space holds it. */
import type { Tuple } from '@plexspaces/core';
import type { Link } from './fifo.ts';

export interface StoredTuple {
  /** Grows with age across all spaces of the node; of a tuple with a TTL it is the lease. */
  readonly number: bigint;
  readonly tuple: Tuple;
  /** Of its binary form. */
  readonly bytes: number;
  /** Undefined: it stays. */
  lease: Lease | undefined;
  /** Where it stands in the index, shelf by shelf; empty: nowhere. Kept by the index. */
  readonly links: Link<StoredTuple>[];
}

/** What has to be written again when the lease is renewed. */
export interface Lease {
  readonly expiresAtMs: number;
  readonly writer: string;
  readonly writtenAt: Date;
}

/** From the millisecond of its end on a tuple is gone. */
export function hasExpired({ lease }: StoredTuple, nowMs: number): boolean {
  return lease !== undefined && lease.expiresAtMs <= nowMs;
}
