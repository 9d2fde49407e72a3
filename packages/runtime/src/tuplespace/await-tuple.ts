/** A blocking read or take of a caller that awaits a promise. */
import { PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple } from '@plexspaces/core';
import type { StoreOperation } from '../store/store.ts';
import type { Found } from './space.ts';
import type { Spaces } from './spaces.ts';

export interface TupleWait {
  readonly kind: 'read' | 'take';
  readonly space: string;
  readonly pattern: Pattern;
  /** 0 looks once. */
  readonly waitMs: number;
  /** The caller has gone: CANCELLED, and nothing is taken from then on. */
  readonly signal: AbortSignal;
  /** Nobody is served any more; its reason is the answer. */
  readonly closing: AbortSignal;
  /** Appends what a take does, in the turn in which it does it. */
  readonly append: (operations: readonly StoreOperation[]) => unknown;
  /** What is appended as one with what was found. */
  readonly record?: ((tuple: Tuple) => readonly StoreOperation[]) | undefined;
}

/**
 * The oldest match, or the first one that is written within `waitMs`; undefined: there was none. A promise only where it
 * waits.
 * @throws at once where nobody is served; the promise RESOURCE_EXHAUSTED where too many wait.
 */
export function awaitTuple(spaces: Spaces, wait: TupleWait): Promise<Tuple | undefined> | Tuple | undefined {
  expectServed(wait);
  const found = look(spaces, wait);
  return found !== undefined || wait.waitMs === 0 ? found : park(spaces, wait);
}

function look(spaces: Spaces, { kind, space, pattern, append, record }: TupleWait): Tuple | undefined {
  const found = spaces.look(space, pattern, kind);
  if (found === undefined) return undefined;
  append([...found.operations, ...(record?.(found.tuple) ?? [])]);
  return found.tuple;
}

function park(
  spaces: Spaces,
  { kind, space, pattern, waitMs, signal, closing, record }: TupleWait,
): Promise<Tuple | undefined> {
  return new Promise((resolve, reject) => {
    const accept = ({ tuple, operations }: Found): readonly StoreOperation[] => {
      stop();
      resolve(tuple);
      return record === undefined ? operations : [...operations, ...record(tuple)];
    };
    const leave = spaces.waitFor(space, pattern, { kind, accept });
    const end = (settle: () => void) => (): void => {
      stop();
      leave();
      settle();
    };
    const cancelled = end(() => reject(cancelledError()));
    const closed = end(() => reject(PlexSpacesError.from(closing.reason)));
    const timer = setTimeout(
      end(() => resolve(undefined)),
      waitMs,
    );
    const stop = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancelled);
      closing.removeEventListener('abort', closed);
    };
    signal.addEventListener('abort', cancelled);
    closing.addEventListener('abort', closed);
  });
}

/** @throws why nobody waits. */
export function expectServed({ signal, closing }: Pick<TupleWait, 'signal' | 'closing'>): void {
  if (closing.aborted) throw PlexSpacesError.from(closing.reason);
  if (signal.aborted) throw cancelledError();
}

function cancelledError(): PlexSpacesError {
  return new PlexSpacesError('CANCELLED', 'the caller has cancelled the operation');
}
