/** What each space may hold and how long anybody may wait in it, with defaults and ranges. */
import { PlexSpacesError } from '@plexspaces/core';

/** Of each space: one tenant's namespace. */
export interface SpaceOptions {
  /** Default: 2,000,000. */
  readonly maxTuples?: number | undefined;
  /** Of the tuples' binary form. Default: 1 GiB. */
  readonly maxBytes?: number | undefined;
  /** Blocking reads and takes that wait at once. Default: 10,000. */
  readonly maxWaiters?: number | undefined;
  /** Of clients and actors. Default: 1,000. */
  readonly maxSubscriptions?: number | undefined;
  /** How long a client's read or take may wait. Default: 60,000. */
  readonly maxWaitMs?: number | undefined;
  /** What a client that reads slowly may be behind with. Default: 1,000 tuples. */
  readonly subscriptionBuffer?: number | undefined;
}

export type ResolvedSpaceOptions = { readonly [Name in keyof SpaceOptions]-?: number };

const OPTIONS: { readonly [Name in keyof SpaceOptions]-?: { readonly default: number; readonly max: number } } = {
  maxTuples: { default: 2_000_000, max: 10_000_000 },
  maxBytes: { default: 1_073_741_824, max: 68_719_476_736 },
  maxWaiters: { default: 10_000, max: 1_000_000 },
  maxSubscriptions: { default: 1_000, max: 100_000 },
  maxWaitMs: { default: 60_000, max: 86_400_000 },
  subscriptionBuffer: { default: 1_000, max: 1_000_000 },
};

/** @throws INVALID_ARGUMENT naming the option that is out of its range. */
export function resolveSpaceOptions(options: SpaceOptions = {}): ResolvedSpaceOptions {
  const resolve = (name: keyof SpaceOptions): number => {
    const { default: byDefault, max } = OPTIONS[name];
    const value = options[name] ?? byDefault;
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new PlexSpacesError('INVALID_ARGUMENT', `${name}: expected an integer of 1-${max}, found ${value}`);
  };
  return {
    maxTuples: resolve('maxTuples'),
    maxBytes: resolve('maxBytes'),
    maxWaiters: resolve('maxWaiters'),
    maxSubscriptions: resolve('maxSubscriptions'),
    maxWaitMs: resolve('maxWaitMs'),
    subscriptionBuffer: resolve('subscriptionBuffer'),
  };
}
