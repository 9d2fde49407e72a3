/**
 * The node as an actor sees it: the interface `host` of wit/plexspaces-actor/actor.wit in the form in which the
 * engine hands it over, and the one place that keeps it.
 *
 * H1. Before the first message there is no host: a component is loaded while it is built, and what is done then is
 * part of every instance.
 * H2. What a host function throws reaches the author as a HostError.
 */

export type WitField =
  | { readonly tag: 'string-value'; readonly val: string }
  /** The engine's own limit: a number, exact within ±(2^53 − 1). */
  | { readonly tag: 'integer-value'; readonly val: number }
  | { readonly tag: 'float-value'; readonly val: number }
  | { readonly tag: 'bytes-value'; readonly val: Uint8Array }
  | { readonly tag: 'boolean-value'; readonly val: boolean }
  | { readonly tag: 'null-value' };

export type WitFieldType = 'string-type' | 'integer-type' | 'float-type' | 'bytes-type' | 'boolean-type' | 'null-type';

export type WitPatternField =
  | { readonly tag: 'exact'; readonly val: WitField }
  | { readonly tag: 'wildcard' }
  | { readonly tag: 'type-match'; readonly val: WitFieldType };

export type WitTuple = readonly WitField[];
export type WitPattern = readonly WitPatternField[];

/** A test compares it with the WIT. */
export interface Host {
  tuplespaceWrite(value: WitTuple): void;
  tuplespaceWriteWithTtl(value: WitTuple, ttlMs: number): number;
  tuplespaceRenew(lease: number, ttlMs: number): boolean;
  tuplespaceRead(pattern: WitPattern): WitTuple | null;
  tuplespaceReadBlocking(pattern: WitPattern, timeoutMs: number): WitTuple | null;
  tuplespaceTake(pattern: WitPattern): WitTuple | null;
  tuplespaceTakeBlocking(pattern: WitPattern, timeoutMs: number): WitTuple | null;
  tuplespaceReadAll(pattern: WitPattern, limit: number): readonly WitTuple[];
  tuplespaceCount(pattern: WitPattern): number;
  tuplespaceCompareAndSwap(pattern: WitPattern, expected: WitTuple, replacement: WitTuple): boolean;
  tuplespaceSubscribe(pattern: WitPattern): number;
  tuplespaceUnsubscribe(subscription: number): boolean;
  sendMessage(to: string, messageType: string, payload: Uint8Array): void;
  ask(to: string, messageType: string, payload: Uint8Array, timeoutMs: number): Uint8Array;
  selfId(): string;
  sendAfter(delayMs: number, messageType: string, payload: Uint8Array): number;
  cancelTimer(timer: number): boolean;
  stateGet(key: string): readonly [Uint8Array, number] | null;
  statePut(key: string, value: Uint8Array, ifVersion: number | null, ttlMs: number | null): number | null;
  stateDelete(key: string, ifVersion: number | null): boolean;
  stateList(prefix: string, limit: number): readonly string[];
  log(level: string, message: string): void;
  nowMillis(): number;
  sleepMillis(durationMs: number): void;
  checkpoint(): void;
  getJournalSequence(): number;
  isReplayMode(): boolean;
}

/** What the host answers "no" with: its message is `CODE: text`, as the node said it. */
export class HostError extends Error {
  override readonly name = 'HostError';
  /** Of the closed set: `RESOURCE_EXHAUSTED`, `PERMISSION_DENIED`, … */
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.code = CODE.exec(message)?.[1] ?? 'INTERNAL';
  }
}

const CODE = /^([A-Z][A-Z_]+)(?:: |$)/;

let current: Host | undefined;
let isOpen = false;

/** @param open whether it may be called at once; otherwise `openHost` says so. */
export function useHost(host: Host, open: boolean): void {
  current = host;
  isOpen = open;
}

export function openHost(): void {
  isOpen = true;
}

export function isHostOpen(): boolean {
  return current !== undefined && isOpen;
}

/** @throws HostError, or an Error while the component is loaded (H1). */
export function callHost<T>(call: (host: Host) => T): T {
  if (current === undefined || !isOpen) {
    throw new Error('the host was called while the actor was loaded; it can be called from init and handlers only'); // H1
  }
  try {
    return call(current);
  } catch (error) {
    throw toHostError(error); // H2
  }
}

/** The engine throws an Error that carries the host's text as its payload. */
function toHostError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof HostError) return error;
  return 'payload' in error && typeof error.payload === 'string' ? new HostError(error.payload) : error;
}
