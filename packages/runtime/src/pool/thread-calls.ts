/**
 * The calls into one thread: which are under way, which wait, and what the thread says of them.
 *
 * It owns the main thread's end of the way for calls and the main half of the bridge. It does not own the thread: what
 * has to end it is told to `onFault`.
 *
 * V1. The thread runs one call at a time, in the order of `call`; every call settles, by outcome, deadline or
 *     the thread's death.
 * V3. A call that had not started when the thread ended fails with NOT_STARTED: nobody saw anything of it, it
 *     may be made again elsewhere.
 * V4. A call can be cancelled as long as it has not started, wherever it waits.
 * V5. While the guest waits in a host call nothing waits behind it: what it waits for may depend on that.
 */
import type { MessagePort } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import {
  areCallsQuick,
  areCallsShort,
  BridgeServer,
  FIRST_SLOT,
  headerCells,
  isCoreLeftForThread,
  MainEnd,
  mostBehind,
  postCall,
  readRunning,
  takeBackCall,
} from '@plexspaces/worker';
import type { GuestOutcome, GuestResult, GuestTarget, InstanceSlot, LogLine, MessageContext } from '@plexspaces/worker';
import type { HostAnswer, UnderWay, WaitingAnswer, WaitsFor } from '../host/waiting.ts';
import { HostCallUnderWay } from './host-call-under-way.ts';
import type { CallTimes } from './call-times.ts';
import { SentCalls } from './sent-calls.ts';
import { Watchdog } from './watchdog.ts';
import type { CpuLimit } from './watchdog.ts';

/** What a call may use of the node. */
export interface CallHost {
  /** Answers the bytes of a host call. A throw ends the call with that error, and the thread. */
  answer(request: Uint8Array, underWay: UnderWay): HostAnswer;
  log(line: LogLine): void;
}

export interface WorkerCall {
  /** Default: FIRST_SLOT. */
  readonly slot?: InstanceSlot;
  readonly target: GuestTarget;
  readonly message: MessageContext;
  readonly host: CallHost;
  /** From the moment in which the thread starts it. Past it the thread is ended: nothing else stops a guest. */
  readonly timeoutMs: number;
  /** Takes the call back as long as it has not started (V4). */
  readonly signal?: AbortSignal | undefined;
}

/** Who learns how a call ended: of one of the two, in the turn in which the main thread learns of it. */
export interface CallSettler {
  resolve(outcome: GuestOutcome): void;
  reject(error: PlexSpacesError): void;
}

interface CallUnderWay {
  /** Since it was sent. */
  id: number;
  readonly call: WorkerCall;
  readonly end: CallSettler;
  readonly timeoutMs: number;
  readonly madeAt: number;
  isTakenBack: boolean;
  /** What its signal does; undefined: it has none. */
  onAbort: (() => void) | undefined;
}

export interface ThreadCallsOptions {
  readonly port: MessagePort;
  readonly bridge: SharedArrayBuffer;
  /** Default: none. */
  readonly cpu?: CpuLimit | undefined;
  /** For negative controls in tests only. */
  readonly unsafeUnwatched?: boolean | undefined;
  /** Where it is counted how long the calls take; default: nowhere. */
  readonly times?: CallTimes | undefined;
  /** An instance trapped. */
  readonly onTrap: (slot: InstanceSlot) => void;
  /** Calls have worn an instance: so many. */
  readonly onWorn: (slot: InstanceSlot, calls: number) => void;
  /** A guest waits in a host call. */
  readonly onWait: () => void;
  /** It does not wait any more. */
  readonly onWaitEnd: () => void;
  /** The thread has to end. */
  readonly onFault: (reason: PlexSpacesError) => void;
}

const RUN = 'run the call';
const NOT_SENT = 0;
/** One runs, one waits in the thread, unless calls are short: those behind them are then not held up by a message. */
const MAX_SENT_LONG_CALLS = 2;
/** Of the error of a call that had not started when its thread ended. */
export const NOT_STARTED = 'NOT_STARTED';
/** Of the cause of such an error where the thread lives, and what would have been behind its guest's wait was sent away. */
const GUEST_WAITS = 'GUEST_WAITS';

export class ThreadCalls {
  readonly #options: ThreadCallsOptions;
  readonly #server: BridgeServer;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #mainEnd: MainEnd;
  /** Those that the thread has, in the order in which it got them. */
  readonly #calls = new SentCalls<CallUnderWay>();
  readonly #waiting: CallUnderWay[] = [];
  readonly #watchdog: Watchdog;
  #end: PlexSpacesError | undefined;
  #underWay: HostCallUnderWay | undefined;
  #waitsFor: WaitsFor | undefined;

  constructor(options: ThreadCallsOptions) {
    this.#options = options;
    this.#server = new BridgeServer(options.bridge);
    this.#cells = headerCells(options.bridge);
    this.#watchdog = new Watchdog({ ...options, cells: this.#cells, calls: this.#calls });
    this.#mainEnd = new MainEnd(options.port, options.bridge, {
      onResult: (result) => this.#settle(result),
      onResults: () => this.#postMore(),
      onLine: (line, id) => this.#calls.get(id)?.call.host.log(line),
      onHostCall: () => this.#answer(this.#running()),
    });
  }

  /** What the guest that runs waits for in a host call; undefined: it does not wait. */
  get waitsFor(): WaitsFor | undefined {
    return this.#waitsFor;
  }

  /** None is under way. */
  get isIdle(): boolean {
    return this.#calls.size === 0;
  }

  /**
   * Runs one export of the guest behind the calls that were made before.
   * @throws DEADLINE_EXCEEDED after `timeoutMs`, RESOURCE_EXHAUSTED or UNAVAILABLE where the thread died, or what
   * `host.answer` threw. NOT_STARTED is the reason if the thread never came to this call (V3), and of the signal.
   */
  call(call: WorkerCall): Promise<GuestOutcome> {
    const end = Promise.withResolvers<GuestOutcome>();
    this.start(call, end);
    return end.promise;
  }

  /** As `call`, for many calls: a promise for each costs more than a short call. */
  start(call: WorkerCall, end: CallSettler): void {
    const refusal = this.#refusal(call);
    if (refusal !== undefined) return end.reject(refusal);
    const { timeoutMs } = call;
    const underWay: CallUnderWay = {
      id: NOT_SENT,
      call,
      end,
      timeoutMs,
      madeAt: performance.now(),
      isTakenBack: false,
      onAbort: undefined,
    };
    if (call.signal !== undefined) this.#listen(underWay, call.signal);
    if (this.#waiting.length === 0 && this.#hasRoom) this.#post(underWay);
    else this.#waiting.push(underWay);
  }

  /** How many calls may wait in the thread behind the one that runs, so that they do not wait for each other for long. */
  get mostBehind(): number {
    if (this.#waitsFor !== undefined || this.#end !== undefined) return 0; // V5
    return mostBehind(this.#cells);
  }

  /** Its calls are over as soon as the main thread brings them, and another thread would take that one's core. */
  get isEnough(): boolean {
    return areCallsQuick(this.#cells) && !isCoreLeftForThread();
  }

  /** For how long the guest has been running the call that it runs; 0: it runs none. */
  get runsForMs(): number {
    const running = readRunning(this.#cells);
    return running !== undefined && this.#calls.get(running.id) !== undefined ? running.elapsedMs : 0;
  }

  /** V4, for all that have not started; the last one first, so that the thread runs none of them before an earlier one. */
  takeBackAll(reason: PlexSpacesError): void {
    for (const each of this.#waiting.splice(0)) reject(each, notStarted(RUN, reason));
    for (const each of this.#calls.all().toReversed()) {
      if (!each.isTakenBack && takeBackCall(this.#cells, each.id)) reject(each, notStarted(RUN, reason));
    }
  }

  /** The thread is no more. */
  end(reason: PlexSpacesError): void {
    this.#end = reason;
    this.#watchdog[Symbol.dispose]();
    this.#underWay?.over(reason);
    this.#mainEnd.readLeft();
    const started = readRunning(this.#cells)?.id;
    const left = [...this.#calls.all(), ...this.#waiting.splice(0)];
    this.#calls.clear();
    for (const each of left) {
      if (!each.isTakenBack) reject(each, each.id === started ? reason : notStarted(RUN, reason)); // V1, V3
    }
  }

  #refusal({ signal }: WorkerCall): PlexSpacesError | undefined {
    if (this.#end !== undefined) return notStarted(RUN, this.#end); // V3
    if (this.#waitsFor !== undefined) return this.#keptWaiting(); // V5
    return signal?.aborted === true ? takenBack(signal) : undefined;
  }

  get #hasRoom(): boolean {
    if (areCallsShort(this.#cells)) return !this.#calls.isFull;
    return this.#calls.size < Math.max(MAX_SENT_LONG_CALLS, 1 + mostBehind(this.#cells));
  }

  /** V4. To be followed by `stopListening`. */
  #listen(underWay: CallUnderWay, signal: AbortSignal): void {
    underWay.onAbort = () => this.#takeBack(underWay);
    signal.addEventListener('abort', underWay.onAbort, { once: true });
  }

  #isSent(underWay: CallUnderWay): boolean {
    return this.#calls.get(underWay.id) === underWay;
  }

  /** V4. One that was sent stays in the books until the thread is past it. */
  #takeBack(underWay: CallUnderWay): void {
    const { call, isTakenBack } = underWay;
    const waitsAt = this.#waiting.indexOf(underWay);
    if (waitsAt >= 0) this.#waiting.splice(waitsAt, 1);
    else if (isTakenBack || !this.#isSent(underWay) || !takeBackCall(this.#cells, underWay.id)) return;
    reject(underWay, takenBack(call.signal));
  }

  #post(underWay: CallUnderWay): void {
    const { call } = underWay;
    const { slot = FIRST_SLOT, target, message } = call;
    this.#calls.add(underWay);
    const { id } = underWay;
    postCall(this.#cells, id);
    this.#watchdog.watch(call.timeoutMs);
    this.#mainEnd.send({ id, slot, target, message }, areCallsShort(this.#cells));
  }

  #settle({ id, outcome, wornAfter }: GuestResult): void {
    const underWay = this.#calls.get(id);
    if (underWay === undefined) return;
    this.#calls.delete(underWay);
    stopListening(underWay);
    const { call, end, isTakenBack } = underWay;
    if (outcome === undefined) {
      if (!isTakenBack) end.reject(notStarted(RUN, new PlexSpacesError('UNAVAILABLE', 'its instance is over'))); // V3
      return;
    }
    if (outcome.kind === 'trap') this.#options.onTrap(call.slot ?? FIRST_SLOT);
    if (wornAfter > 0) this.#options.onWorn(call.slot ?? FIRST_SLOT, wornAfter);
    if (isMessage(call)) this.#options.times?.run.observeSince(underWay.madeAt);
    end.resolve(outcome);
  }

  #postMore(): void {
    while (this.#hasRoom) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#post(next);
    }
  }

  #answer(running: CallUnderWay | undefined): void {
    if (running === undefined) return;
    try {
      const later = this.#server.serve((request) => this.#handle(running, request));
      later?.catch((thrown: unknown) => this.#options.onFault(PlexSpacesError.from(thrown)));
    } catch (thrown) {
      this.#options.onFault(PlexSpacesError.from(thrown));
    }
  }

  #handle(running: CallUnderWay, request: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const underWay = new HostCallUnderWay(() => this.#remainingMs(running));
    this.#underWay = underWay;
    const askedAt = performance.now();
    const answer = running.call.host.answer(request, underWay);
    if (answer instanceof Uint8Array) {
      this.#options.times?.hostCall.observeSince(askedAt);
      return answer;
    }
    return this.#wait(answer).finally(() => this.#options.times?.hostCall.observeSince(askedAt));
  }

  async #wait({ waitsFor, reply }: WaitingAnswer): Promise<Uint8Array> {
    this.#waitsFor = waitsFor;
    this.#mainEnd.guestWaits(true);
    this.takeBackAll(guestWaits(waitsFor)); // V5
    this.#options.onWait();
    try {
      return await reply;
    } finally {
      this.#waitsFor = undefined;
      this.#mainEnd.guestWaits(false);
      this.#options.onWaitEnd();
    }
  }

  #keptWaiting(): PlexSpacesError {
    return notStarted(RUN, guestWaits(this.#waitsFor));
  }

  #remainingMs({ id, call }: CallUnderWay): number {
    const running = readRunning(this.#cells);
    return running?.id === id ? Math.max(0, call.timeoutMs - running.elapsedMs) : call.timeoutMs;
  }

  /** The call whose guest asks: it does nothing else meanwhile. */
  #running(): CallUnderWay | undefined {
    const running = readRunning(this.#cells);
    return running && this.#calls.get(running.id);
  }
}

/** What a caller waits for; not what the node does beside it. */
function isMessage({ target, message }: WorkerCall): boolean {
  return !message.replayed && (target.export === 'handle-request' || target.export === 'handle-message');
}

function reject(underWay: CallUnderWay, error: PlexSpacesError): void {
  underWay.isTakenBack = true;
  stopListening(underWay);
  underWay.end.reject(error);
}

/** A signal may live for many calls, and would keep each of them. */
function stopListening({ call, onAbort }: CallUnderWay): void {
  if (onAbort !== undefined) call.signal?.removeEventListener('abort', onAbort);
}

/** The cause of a NOT_STARTED. */
export function guestWaits(waitsFor: WaitsFor | undefined): PlexSpacesError {
  return new PlexSpacesError('UNAVAILABLE', `its guest waits for a ${waitsFor ?? 'tuple'}`, { reason: GUEST_WAITS });
}

/** From a guest that waits (V5), which says nothing of the thread. */
export function wasSentAway({ reason, cause }: PlexSpacesError): boolean {
  return reason === NOT_STARTED && cause instanceof PlexSpacesError && cause.reason === GUEST_WAITS;
}

/** @param what was to be done. */
export function notStarted(what: string, cause: PlexSpacesError): PlexSpacesError {
  return new PlexSpacesError('UNAVAILABLE', `the thread did not come to ${what}: ${cause.message}`, {
    cause,
    reason: NOT_STARTED,
  });
}

function takenBack(signal: AbortSignal | undefined): PlexSpacesError {
  const cause = PlexSpacesError.from(signal?.reason);
  const { code, message, details } = cause;
  return new PlexSpacesError(code, message, { cause, details, reason: NOT_STARTED });
}
