/**
 * The main thread's half of the bridge: claims a posted request, has it handled and writes the reply.
 *
 * It never blocks. A handler that throws is a fault of the host, not an answer: the caller of `serve`
 * learns of it and ends the thread, which would otherwise wait until its limit.
 */
import { BridgeState, CALLER_SLEEPS_CELL, headerCells, putMessage, STATE_CELL, takeMessage } from './layout.ts';

/** Answers the bytes of a request; an answer that says "no" is bytes as well. */
export type BridgeHandler = (request: Uint8Array) => Uint8Array | Promise<Uint8Array>;

export class BridgeServer {
  readonly #buffer: SharedArrayBuffer;
  readonly #cells: Int32Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
    this.#cells = headerCells(buffer);
  }

  /**
   * To be called at each ring of the doorbell. An answer that is given at once is written at once; else it resolves when
   * the request is answered or was taken back. @throws what the handler throws.
   */
  serve(handler: BridgeHandler): Promise<void> | undefined {
    if (!this.#swap(BridgeState.POSTED, BridgeState.CLAIMED)) return undefined;
    const reply = handler(takeMessage(this.#buffer));
    if (reply instanceof Uint8Array) return this.#answer(reply);
    return reply.then((later) => this.#answer(later));
  }

  #answer(reply: Uint8Array): undefined {
    if (!this.#swap(BridgeState.CLAIMED, BridgeState.REPLYING)) {
      this.#swap(BridgeState.ABANDONED, BridgeState.FREE);
      return;
    }
    putMessage(this.#buffer, reply);
    this.#swap(BridgeState.REPLYING, BridgeState.DONE);
    if (Atomics.load(this.#cells, CALLER_SLEEPS_CELL) === 1) Atomics.notify(this.#cells, STATE_CELL);
  }

  #swap(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#cells, STATE_CELL, from, to) === from;
  }
}
