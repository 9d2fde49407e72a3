/**
 * The thread's end of the way for calls: takes them out of the ring one by one, has them run and tells their results.
 *
 * It owns the thread's turns: when it looks, when it sleeps, and when it lets its event loop have a turn.
 *
 * E1. Calls are run in the order in which they were sent, by whichever way they came.
 * E2. A result can be read by the main thread before the next call begins, and before anything that is seen outside;
 *     only waking the main thread waits for company.
 * E3. What is for the event loop gets its turn behind the call that runs.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { WAKE } from '../protocol.ts';
import type { FromThread, GuestCall, GuestResult, ToThread } from '../protocol.ts';
import { CALLS_RING, CONTROL_CELL, headerCells, RESULTS_RING, THREAD_STATE_CELL } from './layout.ts';
import { packResult, transferOf, unpackCall } from './packing.ts';
import { CallReader, writeResult } from './records.ts';
import { RingReader, RingWriter } from './ring.ts';
import { Lookout, SideState, wakeMain } from './wake-up.ts';

/** A thread that was woken sleeps here, not in its event loop, out of which it is woken half as fast. */
const SLEEP_MS = 5;
/** Results that may wait for company, as the main thread is woken for them. */
const MOST_UNTOLD = 16;
const MAX_RESULT_DELAY_MS = 0.5;

export class ThreadEnd {
  readonly #port: MessagePort;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #calls: RingReader;
  readonly #reader: CallReader;
  readonly #results: RingWriter;
  readonly #lookout = new Lookout();
  /** Calls that came as messages and whose mark was not read yet. */
  readonly #messages: Exclude<ToThread, typeof WAKE>[] = [];
  #run: (call: GuestCall) => void = () => undefined;
  #seenControl = 0;
  #untold = 0;
  #untoldSince = 0;
  #isWorking = false;

  constructor(port: MessagePort, bridge: SharedArrayBuffer) {
    this.#port = port;
    this.#cells = headerCells(bridge);
    this.#calls = new RingReader(bridge, this.#cells, CALLS_RING);
    this.#reader = new CallReader(this.#calls);
    this.#results = new RingWriter(bridge, this.#cells, RESULTS_RING);
  }

  /** @param run is to call `tell` with the result, and is not to throw. */
  listen(run: (call: GuestCall) => void): void {
    this.#run = run;
    this.#port.on('message', (message: ToThread) => {
      if (message !== WAKE) this.#messages.push(message);
      this.#work();
    });
  }

  /** @param isAlone it is not to wait for company. @param byMessage it is to come behind messages of its call. */
  tell(result: GuestResult, isAlone: boolean, byMessage: boolean): void {
    const end = byMessage ? 'not-for-rings' : writeResult(this.#results, result);
    if (end !== 'written') return this.#sendResult(result);
    if (this.#untold === 0) this.#untoldSince = performance.now();
    this.#untold += 1;
    if (isAlone || this.#untold >= MOST_UNTOLD || performance.now() - this.#untoldSince > MAX_RESULT_DELAY_MS)
      this.wakeMain();
  }

  /** Brings it about that the main thread reads all results so far. */
  readonly wakeMain = (): void => {
    this.#untold = 0;
    wakeMain(this.#cells, () => this.#port.postMessage(WAKE));
  };

  send(message: FromThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#untold = 0;
    this.#port.postMessage(message, transfer);
  }

  #sendResult(result: GuestResult): void {
    const packed = packResult(result);
    this.send(packed, transferOf(packed));
  }

  /** The thread's turn: until nothing comes, or its event loop is to have one. */
  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    do this.#runAll();
    while (this.#awaitCall());
    this.#isWorking = false;
  }

  #runAll(): void {
    Atomics.store(this.#cells, THREAD_STATE_CELL, SideState.AWAKE);
    while (!this.#isWantedElsewhere) {
      const at = this.#calls.next();
      if (at === undefined) break;
      const call = this.#reader.read(at);
      if (call !== undefined) this.#run(call);
      this.#calls.release();
      if (call === undefined) this.#run(this.#receive()); // E1
    }
    if (this.#untold > 0) this.wakeMain();
  }

  /** The message of the mark that was read: it was sent before. */
  #receive(): GuestCall {
    for (;;) {
      const message = this.#messages.shift() ?? receive(this.#port);
      if (message !== WAKE) return unpackCall(message);
    }
  }

  /** False: the event loop has its turn. */
  #awaitCall(): boolean {
    if (!this.#isWantedElsewhere && (this.#look() || this.#sleep())) return true;
    Atomics.store(this.#cells, THREAD_STATE_CELL, SideState.IN_LOOP);
    if (this.#isWantedElsewhere) {
      this.#giveTurn();
      return false;
    }
    return !this.#calls.isEmpty; // W1
  }

  /** E3. The second of two turns has been to what the event loop has, which the first may not. */
  #giveTurn(): void {
    this.#seenControl = Atomics.load(this.#cells, CONTROL_CELL);
    if (!this.#calls.isEmpty) setImmediate(() => setImmediate(() => this.#work()));
  }

  #look(): boolean {
    const { lookMs } = this.#lookout;
    if (lookMs === 0) return false;
    const until = performance.now() + lookMs;
    do {
      if (!this.#calls.isEmpty) return this.#came();
      if (this.#isWantedElsewhere) return false;
    } while (performance.now() < until);
    this.#lookout.missed();
    return false;
  }

  #came(): true {
    this.#lookout.came();
    return true;
  }

  #sleep(): boolean {
    Atomics.store(this.#cells, THREAD_STATE_CELL, SideState.ASLEEP);
    if (!this.#calls.isEmpty) return true; // W1
    if (this.#isWantedElsewhere) return false;
    const from = performance.now();
    Atomics.wait(this.#cells, THREAD_STATE_CELL, SideState.ASLEEP, SLEEP_MS);
    this.#lookout.slept(performance.now() - from);
    return !this.#calls.isEmpty;
  }

  get #isWantedElsewhere(): boolean {
    return Atomics.load(this.#cells, CONTROL_CELL) !== this.#seenControl;
  }
}

function receive(port: MessagePort): ToThread {
  const received: { readonly message: ToThread } | undefined = receiveMessageOnPort(port);
  return received?.message ?? WAKE;
}
