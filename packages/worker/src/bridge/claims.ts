/**
 * Who has a call that was sent to a thread: a cell for each, which holds the call's number and its state.
 *
 *     POSTED -> CLAIMED   the thread runs it, or ran it
 *           \-> TAKEN     the main thread took it back: the thread passes over it
 *
 * States move by compare-and-swap, so that a call is either run or taken back. A cell is used again for the call
 * MAX_SENT_CALLS further on; the main thread sends that one only when the thread is past the first.
 */
import { CLAIM_CELLS, MAX_SENT_CALLS } from './layout.ts';

type Cells = Int32Array<SharedArrayBuffer>;
type State = (typeof ClaimState)[keyof typeof ClaimState];

const ClaimState = { POSTED: 1, CLAIMED: 2, TAKEN: 3 } as const;
const STATE_BITS = 2;

/** Call numbers go from 1 to this and begin again. */
export const MAX_CALL_ID = 0x1f_ff_ff_ff;

/** By the main thread, before it sends the call. */
export function postCall(cells: Cells, id: number): void {
  Atomics.store(cells, cellOf(id), valueOf(id, ClaimState.POSTED));
}

/** By the thread, when the call's turn comes. False: it was taken back. */
export function claimCall(cells: Cells, id: number): boolean {
  return swap(cells, id, ClaimState.CLAIMED);
}

/** By the main thread. False: the thread has it. */
export function takeBackCall(cells: Cells, id: number): boolean {
  return swap(cells, id, ClaimState.TAKEN);
}

function swap(cells: Cells, id: number, to: State): boolean {
  const posted = valueOf(id, ClaimState.POSTED);
  return Atomics.compareExchange(cells, cellOf(id), posted, valueOf(id, to)) === posted;
}

function cellOf(id: number): number {
  return CLAIM_CELLS + (id % MAX_SENT_CALLS);
}

function valueOf(id: number, state: State): number {
  return (id << STATE_BITS) | state;
}
