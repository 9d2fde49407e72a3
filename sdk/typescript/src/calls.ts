/** The rest of the host: messages, timers, shared state, log, time, durability. Payloads are JSON values, or bytes. */
import { callHost } from './host.ts';
import { decodeJson, toPayload } from './values.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface AskOptions {
  /** At most as long as the message that is being handled may take; default 5 s. */
  readonly timeoutMs?: number;
}

export interface Stored {
  /** The value's JSON. */
  readonly value: unknown;
  /** Never given twice, for any key. */
  readonly version: number;
}

export interface PutOptions {
  /** Only if this is the version that is there; 0: only if there is none. */
  readonly ifVersion?: number;
  readonly ttlMs?: number;
}

/** Sends a message that wants no reply. */
export function tell(to: string, messageType: string, value?: unknown): void {
  callHost((host) => host.sendMessage(to, messageType, optionalPayload(value)));
}

/** Sends a request and waits for its reply's JSON value. @throws HostError, also for the other actor's "no". */
export function ask(to: string, messageType: string, value?: unknown, options: AskOptions = {}): unknown {
  return decodeJson(askBytes(to, messageType, optionalPayload(value), options), 'reply');
}

/** `ask` without JSON. */
export function askBytes(to: string, messageType: string, payload: Uint8Array, options: AskOptions = {}): Uint8Array {
  return callHost((host) => host.ask(to, messageType, payload, options.timeoutMs ?? 0));
}

/** This actor's address. */
export function selfId(): string {
  return callHost((host) => host.selfId());
}

/** Sends this actor a message later. @returns the timer, for `cancelTimer`. */
export function sendAfter(delayMs: number, messageType: string, value?: unknown): number {
  return callHost((host) => host.sendAfter(delayMs, messageType, optionalPayload(value)));
}

/** True: it was waiting still and will not come. */
export function cancelTimer(timer: number): boolean {
  return callHost((host) => host.cancelTimer(timer));
}

/** Of the shared state of this actor's service. */
export function getState(key: string): Stored | undefined {
  const found = callHost((host) => host.stateGet(key));
  return found === null ? undefined : { value: decodeJson(found[0], key), version: found[1] };
}

/** @returns the new version, `undefined` where the condition failed. */
export function putState(key: string, value: unknown, options: PutOptions = {}): number | undefined {
  const { ifVersion = null, ttlMs = null } = options;
  return callHost((host) => host.statePut(key, toPayload(value), ifVersion, ttlMs)) ?? undefined;
}

/** True where there was something to delete, of that version if one is given. */
export function deleteState(key: string, ifVersion?: number): boolean {
  return callHost((host) => host.stateDelete(key, ifVersion ?? null));
}

/** The first `limit` keys that begin so, in the order of their UTF-8 bytes. */
export function listState(prefix: string, limit: number): readonly string[] {
  return callHost((host) => host.stateList(prefix, limit));
}

export function log(level: LogLevel, message: string): void {
  callHost((host) => host.log(level, message.toWellFormed()));
}

/** The node's clock, as this message sees it. */
export function nowMillis(): number {
  return callHost((host) => host.nowMillis());
}

/** Holds this actor's worker for so long. */
export function sleepMillis(durationMs: number): void {
  callHost((host) => host.sleepMillis(durationMs));
}

/** Asks for a checkpoint behind the message that is being handled. */
export function checkpoint(): void {
  callHost((host) => host.checkpoint());
}

/** The number of the message that is being handled. */
export function journalSequence(): number {
  return callHost((host) => host.getJournalSequence());
}

/** True in an `init` that restores a snapshot, never in handlers. */
export function isReplayMode(): boolean {
  return callHost((host) => host.isReplayMode());
}

/** No value is an empty payload, which handlers see as `undefined` again. */
function optionalPayload(value: unknown): Uint8Array {
  return value === undefined ? new Uint8Array() : toPayload(value);
}
