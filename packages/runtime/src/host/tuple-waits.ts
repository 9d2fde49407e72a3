/**
 * Blocking reads and takes of guests: parked until a write hands over a tuple.
 *
 * B1. A wait ends with a tuple, at its timeout, or with its thread, and leaves the space in that same turn: a guest
 *     that is gone takes nothing.
 * B2. Where every worker of the guest's pool waits like this one and calls are queued behind them, only such a call
 *     might have written what is waited for: the timeout says so.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import type { HostCall } from '@plexspaces/worker';
import type { StoreOperation } from '../store/store.ts';
import type { Spaces } from '../tuplespace/spaces.ts';
import type { HostEffect } from './scope.ts';
import type { WaitingCall } from './waiting.ts';

export type BlockingCall = Extract<HostCall, { function: `tuplespace-${'read' | 'take'}-blocking` }>;

export interface TupleWaitOfGuest {
  readonly call: BlockingCall;
  readonly kind: 'read' | 'take';
  readonly isStarved: () => boolean;
  readonly waiting: WaitingCall;
}

/** Before the deadline of the guest's message, so that it can still do something about the answer. */
const MARGIN_MS = 50;
/** The longest that a timer of Node's can run. */
const MAX_TIMER_MS = 2_147_483_647;

export function parkTupleWait(spaces: Spaces, space: string, wait: TupleWaitOfGuest): void {
  try {
    park(spaces, space, wait);
  } catch (thrown) {
    wait.waiting.end(PlexSpacesError.from(thrown)); // too many wait
  }
}

function park(spaces: Spaces, space: string, { call, kind, isStarved, waiting }: TupleWaitOfGuest): void {
  const leave = spaces.waitFor(space, call.pattern, {
    kind,
    accept: ({ tuple, operations }) => {
      clearTimeout(timer);
      return waiting.settle(found(tuple, operations));
    },
  });
  const timer = setTimeout(
    () => {
      leave();
      waiting.end(isStarved() ? starved(call) : found(undefined)); // B2
    },
    timeoutOf(call, waiting),
  );
  waiting.signal.addEventListener('abort', () => {
    clearTimeout(timer);
    leave(); // B1
  });
}

export function found(tuple: Tuple | undefined, operations: readonly StoreOperation[] = []): HostEffect {
  return { value: tuple === undefined ? { type: 'none' } : { type: 'tuple', tuple }, operations };
}

function timeoutOf({ timeoutMs }: BlockingCall, { remainingMs }: WaitingCall): number {
  return Math.min(Number(timeoutMs), Math.max(0, remainingMs - MARGIN_MS), MAX_TIMER_MS);
}

function starved({ function: name, timeoutMs }: BlockingCall): PlexSpacesError {
  return new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `${name}: POOL_STARVED: no tuple came within ${timeoutMs} ms, every worker of the pool waits for one, and calls ` +
      `are queued behind them`,
    { reason: 'POOL_STARVED' },
  );
}
