/** Records that are kept until a time of their own. */
import { PlexSpacesError } from '@plexspaces/core';
import { unframe } from './checksum.ts';
import type { KeyRange, Store, StoreOperation } from './store.ts';

export interface ExpiredRecords {
  readonly operations: readonly StoreOperation[];
  readonly damaged: readonly PlexSpacesError[];
}

interface Expiring {
  readonly expiresAt?: Date | undefined;
}

/** The operations that remove at most `limit` of those that have expired. Damaged ones stay, and are told. */
export async function findExpired(
  store: Store,
  range: KeyRange,
  decode: (bytes: Uint8Array) => Expiring,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<ExpiredRecords> {
  const operations: StoreOperation[] = [];
  const damaged: PlexSpacesError[] = [];
  for await (const [key, value] of store.range(range)) {
    try {
      if (hasExpired(decode(unframe(key, value)), now)) operations.push({ type: 'del', key });
    } catch (thrown) {
      damaged.push(PlexSpacesError.from(thrown));
    }
    if (operations.length + damaged.length >= limit) break;
  }
  return { operations, damaged };
}

export function hasExpired({ expiresAt }: Expiring, now: Date): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
