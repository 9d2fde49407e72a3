/**
 * Values that all instances and keys of a service share: one versioned store for each service, in memory, and how
 * its changes become durable.
 *
 * V1. A version is given once, by the node's numbers: whoever finds the version it knows finds the value it knows.
 * V2. A condition is looked at in the turn of the change: between the two nobody changes anything.
 * V3. What has expired is not there, from that millisecond on; a clock that is set back brings nothing back.
 *
 * A change alters memory at once and hands back the store's operations; the caller appends them, together with
 * whatever else must stand or fall with them.
 */
import { PlexSpacesError, quote } from '@plexspaces/core';
import { StateRecord } from '@plexspaces/proto';
import type { Clock } from '../clock.ts';
import { frameMessage, unframe } from '../store/checksum.ts';
import { ALL_STATE, parseStateKey, stateKey } from '../store/key-layout.ts';
import type { Store, StoreOperation } from '../store/store.ts';
import { ServiceState } from './service-state.ts';
import type { StateEntry, StateLimits } from './service-state.ts';

export interface SharedStateOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Of each service. Default: 100,000 keys and 256 MiB, 1 MiB a value. */
  readonly limits?: StateLimits | undefined;
  /** Gives the versions: each is given once, over restarts as well. */
  readonly numbers: { next(): bigint };
}

export interface PutConditions {
  /** Only if this is the value's version; 0: only if there is none. */
  readonly ifVersion?: bigint | undefined;
  /** After this the value is gone; without it stays. */
  readonly ttlMs?: bigint | undefined;
}

export interface Put {
  readonly version: bigint;
  readonly operations: readonly StoreOperation[];
}

const MIB = 1_048_576;
const DEFAULT_LIMITS: StateLimits = { maxKeys: 100_000, maxBytes: 256 * MIB, maxValueBytes: MIB };
const MAX_KEY_LENGTH = 256;
const MAX_LISTED = 10_000;
/** A hundred years. */
const MAX_TTL_MS = 3_153_600_000_000n;
const ABSENT = 0n;

export class SharedState {
  readonly #options: SharedStateOptions;
  readonly #limits: StateLimits;
  readonly #services = new Map<string, ServiceState>();
  #latestMs = 0;

  constructor(options: SharedStateOptions) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
  }

  /** @throws DATA_LOSS at a damaged record. */
  static async load(store: Store, options: SharedStateOptions): Promise<SharedState> {
    const state = new SharedState(options);
    for await (const [storeKey, bytes] of store.range(ALL_STATE)) {
      const { service, key } = parseStateKey(storeKey);
      const { value, version, expiresAt } = StateRecord.decode(unframe(storeKey, bytes));
      state.#service(service).set(key, { value, version, expiresAtMs: expiresAt?.getTime() });
    }
    return state;
  }

  get(service: string, key: string): StateEntry | undefined {
    expectKey(key);
    const nowMs = this.#nowMs();
    return this.#services.get(service)?.get(key, nowMs);
  }

  /**
   * Undefined: the condition was not met, nothing changed.
   * @throws RESOURCE_EXHAUSTED past the limits of a value or of the service, INVALID_ARGUMENT; nothing changed.
   */
  put(service: string, key: string, value: Uint8Array, conditions: PutConditions): Put | undefined {
    const { ifVersion, ttlMs } = conditions;
    this.#expectValue(value);
    const nowMs = this.#nowMs();
    if (ttlMs !== undefined) expectRange('ttl-ms', ttlMs, MAX_TTL_MS);
    const present = this.get(service, key);
    if (ifVersion !== undefined && (present?.version ?? ABSENT) !== ifVersion) return undefined; // V2
    const state = this.#service(service);
    const gone = state.makeRoom(key, value, nowMs);
    const expiresAtMs = ttlMs === undefined ? undefined : nowMs + Number(ttlMs);
    const entry = { value, version: this.#options.numbers.next(), expiresAtMs }; // V1
    state.set(key, entry);
    return { version: entry.version, operations: [...deletions(service, gone), putEntry(service, key, entry)] };
  }

  /** Undefined: it was not there, or not of that version. */
  delete(service: string, key: string, ifVersion?: bigint): readonly StoreOperation[] | undefined {
    const present = this.get(service, key);
    if (present === undefined || (ifVersion !== undefined && ifVersion !== present.version)) return undefined; // V2
    this.#service(service).delete(key);
    return deletions(service, [key]);
  }

  /** Keys that begin with the prefix, in the order of their UTF-8 bytes. @param limit 1-10,000. */
  list(service: string, prefix: string, limit: number): string[] {
    expectRange('limit', BigInt(limit), BigInt(MAX_LISTED));
    return this.#services.get(service)?.keys(prefix, limit, this.#nowMs()) ?? [];
  }

  /** Removes at most `limit` of what has expired. */
  sweep(limit: number): readonly StoreOperation[] {
    const nowMs = this.#nowMs();
    const operations: StoreOperation[] = [];
    for (const [service, state] of this.#services) {
      operations.push(...deletions(service, state.sweep(limit - operations.length, nowMs)));
      if (state.size === 0) this.#services.delete(service);
    }
    return operations;
  }

  /** Forgets what the service has; whoever purges a service removes its records. */
  forget(service: string): void {
    this.#services.delete(service);
  }

  /** V3 */
  #nowMs(): number {
    this.#latestMs = Math.max(this.#latestMs, this.#options.clock.nowMs());
    return this.#latestMs;
  }

  #service(service: string): ServiceState {
    const found = this.#services.get(service);
    if (found !== undefined) return found;
    const made = new ServiceState(this.#limits);
    this.#services.set(service, made);
    return made;
  }

  #expectValue({ length }: Uint8Array): void {
    const { maxValueBytes } = this.#limits;
    if (length <= maxValueBytes) return;
    throw new PlexSpacesError('RESOURCE_EXHAUSTED', `value: expected at most ${maxValueBytes} bytes, found ${length}`);
  }
}

function putEntry(service: string, key: string, { value, version, expiresAtMs }: StateEntry): StoreOperation {
  const expiresAt = expiresAtMs === undefined ? undefined : new Date(expiresAtMs);
  return {
    type: 'put',
    key: stateKey(service, key),
    value: frameMessage(StateRecord, { value, version, expiresAt }),
  };
}

function deletions(service: string, keys: readonly string[]): StoreOperation[] {
  return keys.map((key) => ({ type: 'del', key: stateKey(service, key) }));
}

function expectKey(key: string): void {
  const length = key.length <= 2 * MAX_KEY_LENGTH ? [...key].length : Infinity;
  if (length >= 1 && length <= MAX_KEY_LENGTH && key.isWellFormed()) return;
  const expected = `1-${MAX_KEY_LENGTH} characters of Unicode text`;
  throw new PlexSpacesError('INVALID_ARGUMENT', `key: expected ${expected}, found ${quote(key)}`);
}

function expectRange(what: string, value: bigint, most: bigint): void {
  if (value >= 1n && value <= most) return;
  throw new PlexSpacesError('INVALID_ARGUMENT', `${what}: expected 1-${most}, found ${value}`);
}
