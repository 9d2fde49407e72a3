/**
 * The main thread's end of the way for calls: sends them, and reads results, host calls and what the thread logged.
 *
 * It owns when the main thread looks: woken by a message, and for a moment after anything came in each turn of its event
 * loop, so that a thread that works need not wake it.
 *
 * M1. The ring of results is read before each message and before each host call: what the thread did before them is known.
 * M2. A thread that sleeps is woken for some calls at once, or behind the last of those that are made in one turn of the
 *     event loop: for each of them it would take the main thread longer than the call does.
 * M3. Calls that find the ring full are kept, in their order, until the thread has read some.
 * M4. While more than one call is under way it looks every LATE_MS: a result that waits for company in the thread is not
 *     held up by a long call behind it.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { WAKE } from '../protocol.ts';
import type { FromThread, GuestCall, GuestResult, LogLine } from '../protocol.ts';
import { Busyness, isCoreLeftForMain } from './busy-threads.ts';
import {
  BridgeState,
  CALLS_RING,
  headerCells,
  MAIN_STATE_CELL,
  RESULTS_RING,
  STATE_CELL,
  THREAD_STATE_CELL,
} from './layout.ts';
import { packCall, transferOf, unpackResult } from './packing.ts';
import { readResult, writeCall, writeMark } from './records.ts';
import { RingReader, RingWriter } from './ring.ts';
import { Lookout, SideState, wakeThread } from './wake-up.ts';

const ENOUGH_TO_WAKE = 16;
const LATE_MS = 2;

export interface MainEndHandlers {
  readonly onResult: (result: GuestResult) => void;
  /** Behind the results that came together. */
  readonly onResults: () => void;
  readonly onLine: (line: LogLine, id: number) => void;
  /** A host call waits in the bridge. */
  readonly onHostCall: () => void;
}

export class MainEnd {
  readonly #port: MessagePort;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #handlers: MainEndHandlers;
  readonly #calls: RingWriter;
  readonly #results: RingReader;
  readonly #lookout = new Lookout();
  /** M3 */
  readonly #kept: GuestCall[] = [];
  /** Calls without a result. */
  #unanswered = 0;
  readonly #busyness = new Busyness();
  #lateLook: NodeJS.Timeout | undefined;
  /** Calls that the thread may sleep over (M2). */
  #unseen = 0;
  #isLooking = false;
  /** Something was sent or came since it looked last: it looks on from then. */
  #isExpecting = false;
  #lookUntil = 0;
  #leftAt = 0;

  constructor(port: MessagePort, bridge: SharedArrayBuffer, handlers: MainEndHandlers) {
    this.#port = port;
    this.#cells = headerCells(bridge);
    this.#handlers = handlers;
    this.#calls = new RingWriter(bridge, this.#cells, CALLS_RING);
    this.#results = new RingReader(bridge, this.#cells, RESULTS_RING);
    port.on('message', (message: FromThread) => this.#receive(message));
  }

  /** @param isShort its end is worth looking for. */
  send(call: GuestCall, isShort: boolean): void {
    this.#count();
    if (this.#kept.length > 0 || !this.#write(call)) this.#kept.push(call);
    this.#wakeSoon();
    if (isShort) this.#lookOut();
  }

  /** What the thread told before it ended, and nobody read yet. */
  readLeft(): void {
    this.#readResults();
    for (let next = receive(this.#port); next !== undefined; next = receive(this.#port)) this.#handle(next);
    this.#kept.length = 0;
    this.#unanswered = 0;
    this.#busyness.set(false);
    clearTimeout(this.#lateLook);
  }

  /** The guest that runs waits in a host call, or does not any more: meanwhile its thread needs no core. */
  guestWaits(isWaiting: boolean): void {
    this.#busyness.set(!isWaiting && this.#unanswered > 0);
  }

  #count(): void {
    this.#unanswered += 1;
    if (this.#unanswered === 1) this.#busyness.set(true);
    this.#lookLater();
  }

  /** M4 */
  #lookLater(): void {
    if (this.#unanswered > 1) this.#lateLook ??= setTimeout(this.#lookLate, LATE_MS).unref();
  }

  #answer(result: GuestResult): void {
    if (this.#unanswered === 0) return; // of a thread that is no more
    this.#unanswered -= 1;
    if (this.#unanswered === 0) this.#busyness.set(false);
    this.#handlers.onResult(result);
  }

  readonly #lookLate = (): void => {
    this.#lateLook = undefined;
    if (!this.#isLooking) this.#look();
    this.#lookLater();
  };

  readonly #postWake = (): void => this.#port.postMessage(WAKE);

  /** M2 */
  #wakeSoon(): void {
    if (Atomics.load(this.#cells, THREAD_STATE_CELL) === SideState.AWAKE) return;
    this.#unseen += 1;
    if (this.#unseen === ENOUGH_TO_WAKE) this.#wake();
    else if (this.#unseen === 1) setImmediate(this.#wake); // behind all that this turn of the event loop brings
  }

  readonly #wake = (): void => {
    this.#unseen = 0;
    wakeThread(this.#cells, this.#postWake);
  };

  /** False: the ring is full. What is not for rings is sent before its mark can be read. */
  #write(call: GuestCall): boolean {
    const end = writeCall(this.#calls, call);
    if (end !== 'not-for-rings') return end === 'written';
    if (!hasRoomForMark(this.#calls)) return false;
    const packed = packCall(call);
    this.#port.postMessage(packed, transferOf(packed));
    return writeMark(this.#calls);
  }

  #receive(message: FromThread): void {
    if (this.#leftAt > 0) this.#lookout.slept(performance.now() - this.#leftAt);
    this.#look();
    this.#handle(message);
    if (this.#kept.length > 0) this.#sendKept(); // a result that came as a message has made room as well
    this.#lookOut();
    if (!this.#isLooking) this.#leave();
  }

  #handle(message: FromThread): void {
    if (message === WAKE) return;
    if ('line' in message) return this.#handlers.onLine(message.line, message.id);
    this.#answer(unpackResult(message));
    this.#handlers.onResults();
  }

  /** True: there was something. */
  #look(): boolean {
    const hasResults = this.#readResults(); // M1
    if (this.#kept.length > 0) this.#sendKept();
    const hasHostCall = Atomics.load(this.#cells, STATE_CELL) === BridgeState.POSTED;
    if (hasHostCall) this.#handlers.onHostCall();
    return hasResults || hasHostCall;
  }

  #readResults(): boolean {
    if (this.#results.isEmpty) return false;
    for (let at = this.#results.next(); at !== undefined; at = this.#results.next()) {
      const result = readResult(this.#results, at);
      this.#results.release();
      this.#answer(result);
    }
    this.#handlers.onResults();
    return true;
  }

  /** M3 */
  #sendKept(): void {
    let sent = 0;
    for (const call of this.#kept) {
      if (!this.#write(call)) break;
      sent += 1;
    }
    if (sent === 0) return;
    this.#kept.splice(0, sent);
    this.#wakeSoon();
  }

  /** For a moment, if that is worth it. */
  #lookOut(): void {
    this.#isExpecting = true;
    if (!this.#isLooking && this.#lookout.lookMs > 0 && isCoreLeftForMain()) this.#startLooking();
  }

  #startLooking(): void {
    this.#isLooking = true;
    Atomics.store(this.#cells, MAIN_STATE_CELL, SideState.AWAKE);
    setImmediate(this.#lookAgain);
  }

  readonly #lookAgain = (): void => {
    if (this.#look()) {
      this.#lookout.came();
      this.#isExpecting = true;
    }
    const now = performance.now();
    if (this.#isExpecting) this.#lookUntil = now + this.#lookout.lookMs;
    this.#isExpecting = false;
    if (now < this.#lookUntil && isCoreLeftForMain()) return void setImmediate(this.#lookAgain);
    if (now >= this.#lookUntil) this.#lookout.missed();
    this.#isLooking = false;
    this.#leave();
  };

  /** To the event loop, which the thread has to wake. */
  #leave(): void {
    this.#leftAt = performance.now();
    Atomics.store(this.#cells, MAIN_STATE_CELL, SideState.IN_LOOP);
    if (!this.#look()) return; // W1
    this.#lookout.came();
    if (!this.#isLooking && isCoreLeftForMain()) this.#startLooking(); // and not at once: what came may have been answered with more
  }
}

/** Of the smallest record. */
function hasRoomForMark(ring: RingWriter): boolean {
  return ring.reserve(8) !== undefined;
}

function receive(port: MessagePort): FromThread | undefined {
  const received: { readonly message: FromThread } | undefined = receiveMessageOnPort(port);
  return received?.message;
}
