/**
 * The SharedArrayBuffer between the main thread and a thread: a header of 32-bit cells, a ring for calls, a ring for
 * results (see ring.ts), and the area of host calls.
 *
 * That area holds one message and is used in turn: the thread writes the request there, the main thread the
 * reply. The STATE cell says whose turn it is and only moves by compare-and-swap:
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
/** The first of the cells that say who has a call (see claims.ts), one for each call that may be sent ahead. */
export const CLAIM_CELLS = 16;
export const MAX_SENT_CALLS = 256;
/** What one side writes often lies apart from what the other one does: a cache line each. */
const LINE_CELLS = 16;
const LINES = CLAIM_CELLS + MAX_SENT_CALLS;
/** Whether the thread must be woken for what is sent, and whether the main thread must (see wake-up.ts). */
export const THREAD_STATE_CELL: number = LINES;
export const MAIN_STATE_CELL: number = LINES + LINE_CELLS;
/** Counts what is for the thread's event loop. */
export const CONTROL_CELL: number = LINES + 2 * LINE_CELLS;
/** The host call's thread sleeps until it is answered. */
export const CALLER_SLEEPS_CELL: number = LINES + 3 * LINE_CELLS;
const RING_CELLS = LINES + 4 * LINE_CELLS;
const HEADER_CELLS = RING_CELLS + 4 * LINE_CELLS;

/** Of each ring; a power of two. */
export const RING_BYTES = 65_536;

/** Where a ring lies: the cells that count what was written and read, and the bytes. */
export interface RingPlace {
  readonly writtenCell: number;
  readonly readCell: number;
  readonly firstByte: number;
}

export const CALLS_RING: RingPlace = {
  writtenCell: RING_CELLS,
  readCell: RING_CELLS + LINE_CELLS,
  firstByte: HEADER_CELLS * Int32Array.BYTES_PER_ELEMENT,
};
export const RESULTS_RING: RingPlace = {
  writtenCell: RING_CELLS + 2 * LINE_CELLS,
  readCell: RING_CELLS + 3 * LINE_CELLS,
  firstByte: CALLS_RING.firstByte + RING_BYTES,
};
const HEADER_BYTES = RESULTS_RING.firstByte + RING_BYTES;
const INITIAL_MESSAGE_BYTES = 16_384;

/** The largest request or reply. Memory is taken only as messages need it. */
export const MAX_MESSAGE_BYTES = 4_194_304;

export function createBridgeBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + INITIAL_MESSAGE_BYTES, {
    maxByteLength: HEADER_BYTES + MAX_MESSAGE_BYTES,
  });
}

export function headerCells(buffer: SharedArrayBuffer): Int32Array<SharedArrayBuffer> {
  return new Int32Array(buffer, 0, HEADER_CELLS);
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
  return new Uint8Array(buffer, HEADER_BYTES, length).slice();
}
