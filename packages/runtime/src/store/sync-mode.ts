/** When the log is synced to the disk, and with it how much a power loss may take. */
import { PlexSpacesError } from '@plexspaces/core';

/**
 * `always`: each batch, before anything that depends on it leaves the process. `interval`: at most `syncIntervalMs`
 * after a batch. `never`: when the node stops; else it is left to the operating system.
 */
export type SyncMode = 'always' | 'interval' | 'never';

export interface SyncOptions {
  /** Default `always`. */
  readonly sync?: SyncMode | undefined;
  /** Of the mode `interval`: 1 to 60,000; default 100. */
  readonly syncIntervalMs?: number | undefined;
}

export type ResolvedSync =
  | { readonly mode: 'always' | 'never' }
  | { readonly mode: 'interval'; readonly intervalMs: number };

const DEFAULT_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 60_000;

/** @throws INVALID_ARGUMENT naming the interval that is out of its range, or has no mode to go with. */
export function resolveSync({ sync = 'always', syncIntervalMs }: SyncOptions): ResolvedSync {
  if (sync !== 'interval') {
    if (syncIntervalMs === undefined) return { mode: sync };
    throw new PlexSpacesError('INVALID_ARGUMENT', `syncIntervalMs: expected the sync mode interval, found ${sync}`);
  }
  const intervalMs = syncIntervalMs ?? DEFAULT_INTERVAL_MS;
  if (Number.isSafeInteger(intervalMs) && intervalMs >= 1 && intervalMs <= MAX_INTERVAL_MS) {
    return { mode: sync, intervalMs };
  }
  const expected = `an integer from 1 to ${MAX_INTERVAL_MS}`;
  throw new PlexSpacesError('INVALID_ARGUMENT', `syncIntervalMs: expected ${expected}, found ${intervalMs}`);
}
