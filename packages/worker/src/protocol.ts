/**
 * Every message that crosses the boundary between the main thread and a worker thread.
 *
 * Three ways lead across:
 * - the *control plane*, comlink over a MessagePort: load, activate, close (WorkerControl);
 * - *calls*, a ring of records in shared memory each way, and a MessagePort for what is rare or large (ToThread and
 *   FromThread). The thread runs one guest call at a time, in the order in which they were sent. Both ends are in two
 *   files, bridge/thread-end.ts and bridge/main-end.ts; who has to be woken for what, and how, is in bridge/wake-up.ts;
 * - *host calls*, one area of the same memory: the thread waits for the answer (see bridge/layout.ts).
 */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode, Pattern, Tuple } from '@plexspaces/core';
import type { Packed } from './bridge/packing.ts';
import type { WearLimit } from './memory-wear.ts';

/** What a thread is handed when its session starts. The ports are transferred, the buffer is shared. */
export interface SessionTask {
  readonly control: MessagePort;
  readonly calls: MessagePort;
  readonly bridge: SharedArrayBuffer;
  /** After this many milliseconds an unanswered host call ends in an error. */
  readonly hostCallTimeoutMs: number;
}

/** The control plane. */
export interface WorkerControl {
  /** Keeps what instances are made of. The main thread has looked whether generated JavaScript is what its hash says. */
  load(component: ComponentSource): Promise<void>;
  /** Drops the instance that the slot holds and makes a fresh one. No export of the guest is called. */
  activate(slot: InstanceSlot, activation: Activation): void;
  drop(slot: InstanceSlot): void;
  /** Ends the session; the thread is free for another. */
  close(): void;
}

/** What instances are made of. */
export type ComponentSource = TranspiledComponent | PlainModule;

export interface TranspiledComponent {
  readonly kind: 'component';
  readonly javascriptUrl: string;
  readonly javascriptHash: string;
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  /** WASI takes some memory of each thread, and is loaded for those that import it. Default: it does not. */
  readonly hasWasi?: boolean;
}

/** A core module in OKRA's ABI. */
export interface PlainModule {
  readonly kind: 'core-module';
  readonly module: WebAssembly.Module;
}

/** The place of an instance in its thread. The main thread gives the numbers out, from FIRST_SLOT on. */
export type InstanceSlot = number;

export const FIRST_SLOT: InstanceSlot = 1;

export interface Activation {
  /** The actor's address, which the guest reads as `self-id`. */
  readonly actor: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logBytesPerSecond: number;
  /** The longest reply that a core module may give; undefined: as long as it has memory for. Those of components are looked at behind the thread. */
  readonly replyBytes?: number | undefined;
  /** From where on it is worn; undefined: it never is, since what it holds must stay. */
  readonly wear?: WearLimit | undefined;
}

/** A GuestCall that is not for the ring; see bridge/packing.ts. */
export type ToThread = Packed | typeof WAKE;

/** Something lies in shared memory: whoever is in its event loop is to look there. */
export const WAKE = 0;

export interface GuestCall {
  /** From 1 on, in the order in which calls are sent. */
  readonly id: number;
  readonly slot: InstanceSlot;
  readonly target: GuestTarget;
  readonly message: MessageContext;
}

/** What a call runs. `proven-snapshot`: `snapshot-state`, whose bytes a fresh instance took and gave again. */
export type GuestTarget = ActorExport | { readonly export: 'proven-snapshot' };

/** An export of the actor interface with its arguments. */
export type ActorExport =
  | { readonly export: 'init'; readonly state: Uint8Array }
  | {
      readonly export: 'handle-request' | 'handle-message';
      readonly fromActor: string;
      readonly messageType: string;
      readonly payload: Uint8Array;
    }
  | { readonly export: 'snapshot-state' }
  | { readonly export: 'shutdown' };

/** What makes the handling of one message repeatable: its place, its start time and its seed. */
export interface MessageContext {
  readonly sequence: bigint;
  /** What `self-id` answers where it is not the actor's present address: a message that was copied to another actor. */
  readonly selfId?: string | undefined;
  /** Microseconds since the epoch; all clocks of the guest start here. */
  readonly startMicros: bigint;
  /** 32 bytes; all randomness of the guest is drawn from it. */
  readonly seed: Uint8Array;
  /** A message that was handled before: sleeps are skipped. */
  readonly replayed: boolean;
  /** An `init` that restores a snapshot: the one place where the guest is told so. */
  readonly restoring: boolean;
  /** What the guest may call: `init` of a snapshot, `snapshot-state` and `shutdown` may only log. */
  readonly hostCalls: 'all' | 'log-only';
}

/** What is packed is a GuestResult; `id` is the number of the call that logged the line. */
export type FromThread = Packed | { readonly line: LogLine; readonly id: number } | typeof WAKE;

export interface GuestResult {
  readonly id: number;
  /** Undefined: it was taken back. */
  readonly outcome: GuestOutcome | undefined;
  /** How many calls the instance has handled, where they have worn it (memory-wear.ts); 0: it is not worn. */
  readonly wornAfter: number;
}

/** After any outcome but `ok` and `guest-error` the instance is never called again. */
export type GuestOutcome =
  | { readonly kind: 'ok'; readonly payload: Uint8Array | undefined; readonly clockMicros: bigint }
  | { readonly kind: 'guest-error'; readonly message: string; readonly clockMicros: bigint }
  | { readonly kind: 'trap'; readonly reason: TrapReason; readonly message: string };

export type TrapReason = 'TRAP' | 'STACK_OVERFLOW' | 'GUEST_EXIT' | 'MEMORY_LIMIT' | 'REPLY_TOO_LARGE';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
export const LOG_LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

export interface LogLine {
  readonly source: 'log' | 'stdout' | 'stderr';
  readonly level: LogLevel;
  readonly text: string;
  /** Bytes that the rate limit cut off before this line. */
  readonly droppedBytes: number;
}

/** A host function that needs the main thread, with its arguments. */
export type HostCall =
  | { readonly function: 'tuplespace-write'; readonly tuple: Tuple }
  | { readonly function: 'tuplespace-write-with-ttl'; readonly tuple: Tuple; readonly ttlMs: bigint }
  | { readonly function: 'tuplespace-renew'; readonly lease: bigint; readonly ttlMs: bigint }
  | { readonly function: 'tuplespace-read'; readonly pattern: Pattern }
  | { readonly function: 'tuplespace-read-blocking'; readonly pattern: Pattern; readonly timeoutMs: bigint }
  | { readonly function: 'tuplespace-take'; readonly pattern: Pattern }
  | { readonly function: 'tuplespace-take-blocking'; readonly pattern: Pattern; readonly timeoutMs: bigint }
  | { readonly function: 'tuplespace-read-all'; readonly pattern: Pattern; readonly limit: number }
  | { readonly function: 'tuplespace-count'; readonly pattern: Pattern }
  | {
      readonly function: 'tuplespace-compare-and-swap';
      readonly pattern: Pattern;
      readonly expected: Tuple;
      readonly replacement: Tuple;
    }
  | { readonly function: 'tuplespace-subscribe'; readonly pattern: Pattern }
  | { readonly function: 'tuplespace-unsubscribe'; readonly subscription: bigint }
  | ({ readonly function: 'send-message'; readonly to: string } & MessageBody)
  | ({ readonly function: 'ask'; readonly to: string; readonly timeoutMs: bigint } & MessageBody)
  | ({ readonly function: 'send-after'; readonly delayMs: bigint } & MessageBody)
  | { readonly function: 'cancel-timer'; readonly timer: bigint }
  | { readonly function: 'state-get'; readonly key: string }
  | {
      readonly function: 'state-put';
      readonly key: string;
      readonly value: Uint8Array;
      readonly ifVersion: bigint | undefined;
      readonly ttlMs: bigint | undefined;
    }
  | { readonly function: 'state-delete'; readonly key: string; readonly ifVersion: bigint | undefined }
  | { readonly function: 'state-list'; readonly prefix: string; readonly limit: number }
  | { readonly function: 'checkpoint' }
  /** Begins a sleep; answered at once, with the time at which it ends. */
  | { readonly function: 'sleep-millis'; readonly micros: bigint };
export type HostFunction = HostCall['function'];

interface MessageBody {
  readonly messageType: string;
  readonly payload: Uint8Array;
}

export type HostValue =
  | { readonly type: 'unit' }
  | { readonly type: 'none' }
  | { readonly type: 'tuple'; readonly tuple: Tuple }
  | { readonly type: 'u64'; readonly value: bigint }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'tuples'; readonly tuples: readonly Tuple[] }
  | { readonly type: 'payload'; readonly payload: Uint8Array }
  | { readonly type: 'versioned'; readonly payload: Uint8Array; readonly version: bigint }
  | { readonly type: 'texts'; readonly texts: readonly string[] };

export type HostReply = {
  /** How long the host took; the guest's clock moves on by it, live and on replay. */
  readonly durationMicros: number;
} & (
  | { readonly ok: true; readonly value: HostValue }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string }
);
