/** Tuple space: thread half. Translates between WIT's variants and tuples; the space is on the main thread. */
import { askHost, askHostToWait } from './context.ts';
import type { HostContext } from './context.ts';
import { expectBool, expectTuples, expectU64, optionalTuple, witResult } from './results.ts';
import type { WitResult } from './results.ts';
import { patternFromWit, tupleFromWit, tupleToWit } from '../wit-tuples.ts';
import type { WitField, WitPatternField } from '../wit-tuples.ts';

type WitTuple = WitField[];
type WitPattern = WitPatternField[];

export interface TuplespaceImports {
  tuplespaceWrite(value: WitTuple): WitResult<undefined>;
  tuplespaceWriteWithTtl(value: WitTuple, ttlMs: bigint): WitResult<bigint>;
  tuplespaceRenew(lease: bigint, ttlMs: bigint): WitResult<boolean>;
  tuplespaceRead(pattern: WitPattern): WitResult<WitTuple | undefined>;
  tuplespaceReadBlocking(pattern: WitPattern, timeoutMs: bigint): WitResult<WitTuple | undefined>;
  tuplespaceTake(pattern: WitPattern): WitResult<WitTuple | undefined>;
  tuplespaceTakeBlocking(pattern: WitPattern, timeoutMs: bigint): WitResult<WitTuple | undefined>;
  tuplespaceReadAll(pattern: WitPattern, limit: number): WitResult<WitTuple[]>;
  tuplespaceCount(pattern: WitPattern): WitResult<bigint>;
  tuplespaceCompareAndSwap(pattern: WitPattern, expected: WitTuple, replacement: WitTuple): WitResult<boolean>;
  tuplespaceSubscribe(pattern: WitPattern): WitResult<bigint>;
  tuplespaceUnsubscribe(subscription: bigint): WitResult<boolean>;
}

export function tuplespaceImports(context: HostContext): TuplespaceImports {
  return { ...writes(context), ...looks(context), ...waits(context), ...subscriptions(context) };
}

function writes(
  context: HostContext,
): Pick<
  TuplespaceImports,
  'tuplespaceWrite' | 'tuplespaceWriteWithTtl' | 'tuplespaceRenew' | 'tuplespaceCompareAndSwap'
> {
  return {
    tuplespaceWrite: (value) =>
      witResult(() => {
        askHost(context, { function: 'tuplespace-write', tuple: tupleFromWit(value) });
        return undefined;
      }),
    tuplespaceWriteWithTtl: (value, ttlMs) =>
      witResult(() =>
        expectU64(askHost(context, { function: 'tuplespace-write-with-ttl', tuple: tupleFromWit(value), ttlMs })),
      ),
    tuplespaceRenew: (lease, ttlMs) =>
      witResult(() => expectBool(askHost(context, { function: 'tuplespace-renew', lease, ttlMs }))),
    tuplespaceCompareAndSwap: (pattern, expected, replacement) =>
      witResult(() =>
        expectBool(
          askHost(context, {
            function: 'tuplespace-compare-and-swap',
            pattern: patternFromWit(pattern),
            expected: tupleFromWit(expected),
            replacement: tupleFromWit(replacement),
          }),
        ),
      ),
  };
}

function looks(
  context: HostContext,
): Pick<TuplespaceImports, 'tuplespaceRead' | 'tuplespaceTake' | 'tuplespaceReadAll' | 'tuplespaceCount'> {
  return {
    tuplespaceRead: (pattern) =>
      witResult(() =>
        optionalTuple(askHost(context, { function: 'tuplespace-read', pattern: patternFromWit(pattern) })),
      ),
    tuplespaceTake: (pattern) =>
      witResult(() =>
        optionalTuple(askHost(context, { function: 'tuplespace-take', pattern: patternFromWit(pattern) })),
      ),
    tuplespaceReadAll: (pattern, limit) =>
      witResult(() =>
        expectTuples(
          askHost(context, { function: 'tuplespace-read-all', pattern: patternFromWit(pattern), limit }),
        ).map(tupleToWit),
      ),
    tuplespaceCount: (pattern) =>
      witResult(() => expectU64(askHost(context, { function: 'tuplespace-count', pattern: patternFromWit(pattern) }))),
  };
}

function waits(context: HostContext): Pick<TuplespaceImports, 'tuplespaceReadBlocking' | 'tuplespaceTakeBlocking'> {
  return {
    tuplespaceReadBlocking: (pattern, timeoutMs) =>
      witResult(() =>
        optionalTuple(
          askHostToWait(context, {
            function: 'tuplespace-read-blocking',
            pattern: patternFromWit(pattern),
            timeoutMs,
          }),
        ),
      ),
    tuplespaceTakeBlocking: (pattern, timeoutMs) =>
      witResult(() =>
        optionalTuple(
          askHostToWait(context, {
            function: 'tuplespace-take-blocking',
            pattern: patternFromWit(pattern),
            timeoutMs,
          }),
        ),
      ),
  };
}

function subscriptions(context: HostContext): Pick<TuplespaceImports, 'tuplespaceSubscribe' | 'tuplespaceUnsubscribe'> {
  return {
    tuplespaceSubscribe: (pattern) =>
      witResult(() =>
        expectU64(askHost(context, { function: 'tuplespace-subscribe', pattern: patternFromWit(pattern) })),
      ),
    tuplespaceUnsubscribe: (subscription) =>
      witResult(() => expectBool(askHost(context, { function: 'tuplespace-unsubscribe', subscription }))),
  };
}
