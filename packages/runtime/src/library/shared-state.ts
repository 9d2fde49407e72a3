/** State that a program injects into actors: versioned values, shared by all actors that are given the same one. */
import { PlexSpacesError, toUint64 } from '@plexspaces/core';
import { SYSTEM_CLOCK } from '../clock.ts';
import type { GuestState } from '../host/state.ts';
import { SharedState as Values } from '../state/shared-state.ts';
import type { StateLimits } from '../state/service-state.ts';
import { Numbers } from '../store/numbers.ts';

export interface SharedStateOptions {
  /** Default: 100,000 keys and 256 MiB, 1 MiB a value. */
  readonly limits?: StateLimits | undefined;
}

export interface StateValue {
  readonly value: Uint8Array;
  /** Never given twice. */
  readonly version: bigint;
}

export interface PutOptions {
  /** Only if this is the value's version; 0: only if there is none. */
  readonly ifVersion?: bigint | undefined;
  /** The value is gone after this; without it stays. */
  readonly ttlMs?: number | undefined;
}

/** All actors that share it are one service to it. */
const ALL = 'shared';
const SWEEP_LIMIT = 1_000;
const valuesOf = new WeakMap<SharedState, Values>();

/** Values under keys of 1 to 256 characters. It is in memory, and ends with its last user. */
export class SharedState {
  readonly #values: Values;

  constructor({ limits }: SharedStateOptions = {}) {
    this.#values = new Values({ clock: SYSTEM_CLOCK, numbers: new Numbers(1n), limits });
    valuesOf.set(this, this.#values);
  }

  get(key: string): StateValue | undefined {
    const found = this.#values.get(ALL, key);
    return found && { value: found.value.slice(), version: found.version };
  }

  /**
   * @returns the new version; undefined: the condition was not met.
   * @throws RESOURCE_EXHAUSTED past a limit, INVALID_ARGUMENT.
   */
  put(key: string, value: Uint8Array, { ifVersion, ttlMs }: PutOptions = {}): bigint | undefined {
    const conditions = { ifVersion, ttlMs: ttlMs === undefined ? undefined : toUint64(ttlMs, 'ttlMs') };
    return this.#values.put(ALL, key, value.slice(), conditions)?.version;
  }

  /** False: it was not there, or not of that version. */
  delete(key: string, ifVersion?: bigint): boolean {
    return this.#values.delete(ALL, key, ifVersion) !== undefined;
  }

  /** Keys that begin with the prefix, in the order of their UTF-8 bytes. @param limit 1-10,000. */
  list(prefix = '', limit = 1_000): string[] {
    return this.#values.list(ALL, prefix, limit);
  }
}

/** What a guest works on, whichever of the actors it is. */
export interface InjectedState extends GuestState {
  /** Removes some of what has expired. */
  sweep(): void;
}

export function injectedState(state: SharedState): InjectedState {
  const values = valuesOf.get(state);
  if (values === undefined) throw new PlexSpacesError('INVALID_ARGUMENT', 'state: expected a SharedState');
  return {
    get: (_service, key) => values.get(ALL, key),
    put: (_service, key, value, conditions) => values.put(ALL, key, value, conditions),
    delete: (_service, key, ifVersion) => values.delete(ALL, key, ifVersion),
    list: (_service, prefix, limit) => values.list(ALL, prefix, limit),
    sweep: () => void values.sweep(SWEEP_LIMIT),
  };
}
