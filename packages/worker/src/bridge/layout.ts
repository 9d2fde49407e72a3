/**
 * The cells of the SharedArrayBuffer through which a thread asks the main thread.
 *
 * The buffer is a header of 32-bit cells and one message area behind it, used in turn: the thread
 * writes the request there, the main thread the reply. The STATE cell says whose turn it is and only
 * moves by compare-and-swap:
 *
 *     FREE -> POSTED -> CLAIMED -> REPLYING -> DONE -> FREE
 *                 \-> FREE   \-> ABANDONED -> FREE
 *
 * - FREE, DONE: the thread's turn. POSTED: anyone's; the main thread may claim, the thread take back.
 * - CLAIMED: the main thread works. The thread may give up (ABANDONED); it makes no further host call
 *   before the main thread has seen that and set FREE, since the reply area may not be shared.
 * - REPLYING: the main thread writes the reply; too late to give up.
 *
 * Atomics operations are sequentially consistent, so what was written to the message area before a
 * state change is seen by whoever reads the new state.
 */
export const BridgeState = { FREE: 0, POSTED: 1, CLAIMED: 2, REPLYING: 3, DONE: 4, ABANDONED: 5 } as const;

export const STATE_CELL = 0;
export const LENGTH_CELL = 1;
/** The status cells (see status.ts): what the thread runs, since when, how long its calls are lately, its CPU time, its number. */
export const RUNNING_CELL = 2;
export const STARTED_CELL = 3;
export const CALL_MICROS_CELL = 4;
export const CPU_CELL = 5;
export const THREAD_CELL = 6;
/** Counts what was sent to the thread (see doorbell.ts). */
export const DOORBELL_CELL = 8;
/** The first of the cells that say who has a call (see claims.ts), one for each call that may be sent ahead. */
export const CLAIM_CELLS = 16;
export const MAX_SENT_CALLS = 256;
const HEADER_BYTES = (CLAIM_CELLS + MAX_SENT_CALLS) * Int32Array.BYTES_PER_ELEMENT;
const INITIAL_MESSAGE_BYTES = 16_384;

/** The largest request or reply. Memory is taken only as messages need it. */
export const MAX_MESSAGE_BYTES = 4_194_304;

export function createBridgeBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + INITIAL_MESSAGE_BYTES, {
    maxByteLength: HEADER_BYTES + MAX_MESSAGE_BYTES,
  });
}

export function headerCells(buffer: SharedArrayBuffer): Int32Array<SharedArrayBuffer> {
  return new Int32Array(buffer, 0, HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT);
}

/** Only whoever's turn it is may call this. @throws RangeError over MAX_MESSAGE_BYTES. */
export function putMessage(buffer: SharedArrayBuffer, message: Uint8Array): void {
  const needed = HEADER_BYTES + message.length;
  if (needed > buffer.byteLength) buffer.grow(Math.min(buffer.maxByteLength, Math.max(needed, buffer.byteLength * 2)));
  new Uint8Array(buffer, HEADER_BYTES, message.length).set(message);
  Atomics.store(headerCells(buffer), LENGTH_CELL, message.length);
}

/** A copy that is not shared. */
export function takeMessage(buffer: SharedArrayBuffer): Uint8Array {
  const length = Atomics.load(headerCells(buffer), LENGTH_CELL);
  return Uint8Array.from(new Uint8Array(buffer, HEADER_BYTES, length));
}
