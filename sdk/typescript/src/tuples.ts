/** The tuple space with plain values. Exact fields are values of their own type: the int 6 never matches 6.0. */
import { fromFound, fromTuple, toPattern, toTuple } from './codec.ts';
import type { Field, Found, Pattern } from './fields.ts';
import { callHost } from './host.ts';

export interface WaitOptions {
  /** How long to wait for a match; without it nothing is waited for. */
  readonly timeoutMs?: number;
}

const DEFAULT_LIMIT = 1_000;

export function write(...fields: readonly Field[]): void {
  callHost((host) => host.tuplespaceWrite(toTuple(fields)));
}

/** The tuple is gone after `ttlMs` milliseconds unless the lease that comes back is renewed. */
export function writeWithTtl(ttlMs: number, ...fields: readonly Field[]): number {
  return callHost((host) => host.tuplespaceWriteWithTtl(toTuple(fields), ttlMs));
}

/** Lets a tuple that was written with a TTL live for `ttlMs` from now on. False: it is gone already. */
export function renew(lease: number, ttlMs: number): boolean {
  return callHost((host) => host.tuplespaceRenew(lease, ttlMs));
}

/** The oldest match, which stays. */
export function read<const P extends Pattern>(pattern: P, options: WaitOptions = {}): Found<P> | undefined {
  const wanted = toPattern(pattern);
  const { timeoutMs } = options;
  return fromFound<P>(
    callHost((host) =>
      timeoutMs === undefined ? host.tuplespaceRead(wanted) : host.tuplespaceReadBlocking(wanted, timeoutMs),
    ),
  );
}

/** Removes the oldest match, which nobody else gets then. */
export function take<const P extends Pattern>(pattern: P, options: WaitOptions = {}): Found<P> | undefined {
  const wanted = toPattern(pattern);
  const { timeoutMs } = options;
  return fromFound<P>(
    callHost((host) =>
      timeoutMs === undefined ? host.tuplespaceTake(wanted) : host.tuplespaceTakeBlocking(wanted, timeoutMs),
    ),
  );
}

/** The oldest `limit` matches. */
export function readAll<const P extends Pattern>(pattern: P, limit: number = DEFAULT_LIMIT): Found<P>[] {
  return callHost((host) => host.tuplespaceReadAll(toPattern(pattern), limit)).map((found) => fromTuple<P>(found));
}

export function count(pattern: Pattern): number {
  return callHost((host) => host.tuplespaceCount(toPattern(pattern)));
}

/** Replaces the oldest match by a new tuple, the youngest, if it equals `expected`. False: it does not. */
export function compareAndSwap(pattern: Pattern, expected: readonly Field[], replacement: readonly Field[]): boolean {
  const [from, to] = [toTuple(expected), toTuple(replacement)];
  return callHost((host) => host.tuplespaceCompareAndSwap(toPattern(pattern), from, to));
}

/** Each later write that matches comes to `messages.tuple`, its payload the tuple's JSON. */
export function subscribe(pattern: Pattern): number {
  return callHost((host) => host.tuplespaceSubscribe(toPattern(pattern)));
}

/** False: there is no such subscription of this actor. */
export function unsubscribe(subscription: number): boolean {
  return callHost((host) => host.tuplespaceUnsubscribe(subscription));
}
