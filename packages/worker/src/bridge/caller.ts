/**
 * The thread's half of the bridge: posts a request, rings the doorbell and sleeps until the answer.
 *
 * It owns the thread's side of the state cell; it knows nothing of what the bytes mean.
 */
import { PlexSpacesError } from '@plexspaces/core';
import {
  BridgeState,
  CALLER_SLEEPS_CELL,
  headerCells,
  MAX_MESSAGE_BYTES,
  putMessage,
  STATE_CELL,
  takeMessage,
} from './layout.ts';
import { Lookout } from './wake-up.ts';

export interface BridgeCallerOptions {
  /** After this many milliseconds the call ends with DEADLINE_EXCEEDED. */
  readonly timeoutMs: number;
}

export class BridgeCaller {
  readonly #buffer: SharedArrayBuffer;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #ring: () => void;
  readonly #timeoutMs: number;
  readonly #lookout = new Lookout();

  /** @param ring wakes the main thread; a message that its event loop delivers. */
  constructor(buffer: SharedArrayBuffer, ring: () => void, options: BridgeCallerOptions) {
    this.#buffer = buffer;
    this.#cells = headerCells(buffer);
    this.#ring = ring;
    this.#timeoutMs = options.timeoutMs;
  }

  /**
   * @param waitMs for which the answer may be waited for beyond the limit of one that is given at once.
   * @throws DEADLINE_EXCEEDED without an answer in time, UNAVAILABLE while an abandoned call is unsettled.
   */
  call(request: Uint8Array, waitMs = 0): Uint8Array {
    if (request.length > MAX_MESSAGE_BYTES) {
      throw new PlexSpacesError(
        'RESOURCE_EXHAUSTED',
        `host call: expected at most ${MAX_MESSAGE_BYTES} bytes, found ${request.length}`,
      );
    }
    if (Atomics.load(this.#cells, STATE_CELL) !== BridgeState.FREE) {
      throw new PlexSpacesError('UNAVAILABLE', 'host call: an earlier call was given up and is not settled yet');
    }
    putMessage(this.#buffer, request);
    Atomics.store(this.#cells, STATE_CELL, BridgeState.POSTED);
    this.#ring();
    this.#awaitDone(this.#timeoutMs + waitMs);
    const reply = takeMessage(this.#buffer);
    Atomics.store(this.#cells, STATE_CELL, BridgeState.FREE);
    return reply;
  }

  #awaitDone(timeoutMs: number): void {
    const from = performance.now();
    if (this.#look(from)) return;
    Atomics.store(this.#cells, CALLER_SLEEPS_CELL, 1); // before it looks again: who answers reads it behind the answer
    try {
      this.#sleepUntilDone(from, timeoutMs);
    } finally {
      Atomics.store(this.#cells, CALLER_SLEEPS_CELL, 0);
    }
    this.#lookout.slept(performance.now() - from);
  }

  /** True: it is answered. */
  #look(from: number): boolean {
    const { lookMs } = this.#lookout;
    if (lookMs === 0) return false;
    do {
      if (Atomics.load(this.#cells, STATE_CELL) === BridgeState.DONE) {
        this.#lookout.came();
        return true;
      }
    } while (performance.now() - from < lookMs);
    this.#lookout.missed();
    return false;
  }

  #sleepUntilDone(from: number, timeoutMs: number): void {
    for (;;) {
      const state = Atomics.load(this.#cells, STATE_CELL);
      if (state === BridgeState.DONE) return;
      const remainingMs = from + timeoutMs - performance.now();
      // Writing a reply takes microseconds, so REPLYING is waited out beyond the limit.
      if (remainingMs <= 0 && state !== BridgeState.REPLYING) this.#giveUp(state, timeoutMs);
      else Atomics.wait(this.#cells, STATE_CELL, state, Math.max(remainingMs, 1));
    }
  }

  /** Throws if the call could be given up; returns if the main thread was quicker. */
  #giveUp(state: number, timeoutMs: number): void {
    const next = state === BridgeState.POSTED ? BridgeState.FREE : BridgeState.ABANDONED;
    if (Atomics.compareExchange(this.#cells, STATE_CELL, state, next) !== state) return;
    throw new PlexSpacesError('DEADLINE_EXCEEDED', `host call: no answer within ${timeoutMs} ms`);
  }
}
