/**
 * The shared state of one service, in memory, in the order of its keys' UTF-8 bytes. What has expired is there
 * for nobody, also before it is removed; it is removed when its room is needed, or swept.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { SortedMap } from '../sorted-map.ts';
import { compareUtf8 } from './utf8-order.ts';

export interface StateEntry {
  readonly value: Uint8Array;
  readonly version: bigint;
  /** From then on it is not there; undefined: it stays. */
  readonly expiresAtMs: number | undefined;
}

export interface StateLimits {
  /** Of one service. */
  readonly maxKeys: number;
  /** Of one service: keys and values. */
  readonly maxBytes: number;
  /** Of one value. */
  readonly maxValueBytes: number;
}

interface Expiry {
  readonly atMs: number;
  readonly key: string;
}

export class ServiceState {
  readonly #limits: StateLimits;
  readonly #entries = new SortedMap<string, StateEntry>(compareUtf8);
  readonly #expiries = new SortedMap<Expiry, undefined>(compareExpiries);
  #bytes = 0;

  constructor(limits: StateLimits) {
    this.#limits = limits;
  }

  get(key: string, nowMs: number): StateEntry | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && isLive(entry, nowMs) ? entry : undefined;
  }

  /** At most `limit` of the keys with the prefix, in their order. */
  keys(prefix: string, limit: number, nowMs: number): string[] {
    const found: string[] = [];
    for (const [key, entry] of this.#entries.entries(prefix)) {
      if (found.length === limit || !key.startsWith(prefix)) break;
      if (isLive(entry, nowMs)) found.push(key);
    }
    return found;
  }

  /**
   * Removes what has expired, as far as its room is needed for the value.
   * @returns the keys that are gone. @throws RESOURCE_EXHAUSTED where all of that is not enough; nothing is gone then.
   */
  makeRoom(key: string, value: Uint8Array, nowMs: number): readonly string[] {
    const present = this.#entries.get(key);
    let keys = this.#entries.size + (present === undefined ? 1 : 0);
    let bytes = this.#bytes + sizeOf(key, value) - (present === undefined ? 0 : sizeOf(key, present.value));
    const going: string[] = [];
    for (const { atMs, key: other } of this.#expiries.keys()) {
      if ((keys <= this.#limits.maxKeys && bytes <= this.#limits.maxBytes) || atMs > nowMs) break;
      if (other === key) continue; // its room is counted already
      going.push(other);
      keys -= 1;
      bytes -= sizeOf(other, this.#entries.get(other)?.value);
    }
    this.#expectRoom(keys, bytes);
    for (const other of going) this.delete(other);
    return going;
  }

  set(key: string, entry: StateEntry): void {
    this.delete(key);
    this.#entries.set(key, entry);
    this.#bytes += sizeOf(key, entry.value);
    if (entry.expiresAtMs !== undefined) this.#expiries.set({ atMs: entry.expiresAtMs, key }, undefined);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= sizeOf(key, entry.value);
    if (entry.expiresAtMs !== undefined) this.#expiries.delete({ atMs: entry.expiresAtMs, key });
  }

  /** Removes at most `limit` of what has expired. @returns the keys. */
  sweep(limit: number, nowMs: number): string[] {
    const going: string[] = [];
    for (const { atMs, key } of this.#expiries.keys()) {
      if (going.length === limit || atMs > nowMs) break;
      going.push(key);
    }
    for (const key of going) this.delete(key);
    return going;
  }

  /** All of them, expired or not. */
  get size(): number {
    return this.#entries.size;
  }

  #expectRoom(keys: number, bytes: number): void {
    const { maxKeys, maxBytes } = this.#limits;
    if (keys <= maxKeys && bytes <= maxBytes) return;
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `shared state: expected at most ${maxKeys} keys and ${maxBytes} bytes in a service, found ${keys} keys and ${bytes} bytes`,
    );
  }
}

function isLive({ expiresAtMs }: StateEntry, nowMs: number): boolean {
  return expiresAtMs === undefined || nowMs < expiresAtMs;
}

function sizeOf(key: string, value: Uint8Array | undefined): number {
  return Buffer.byteLength(key) + (value?.length ?? 0);
}

function compareExpiries(a: Expiry, b: Expiry): number {
  return a.atMs - b.atMs || compareUtf8(a.key, b.key);
}
