/**
 * Tuple operations over one stream. A read or take that waits and is given up, by its deadline or its signal, is given up
 * at the node, too: it takes nothing from then on.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { tupleRequestBytes } from '@plexspaces/proto';
import type { TupleRequest, TupleResponse } from '@plexspaces/proto';
import { CallStream } from './call-stream.ts';
import type { StreamOptions } from './call-stream.ts';
import { toReplyError } from './invoke.ts';
import { expectTimerMs } from './options.ts';
import type { CallOptions } from './options.ts';
import type { Stubs } from './stubs.ts';
import { createTupleOperations } from './tuple-operations.ts';
import type { TupleCalls, TupleOperations } from './tuple-operations.ts';

/** Operations of a stream are begun in the order in which they were asked. */
export interface TupleStream extends TupleOperations, AsyncDisposable {
  /** Takes nothing new, and resolves when every operation has settled. */
  close(): Promise<void>;
}

type Operation = NonNullable<TupleRequest['operation']>;
type Outcome = NonNullable<TupleResponse['outcome']>;
type Replies = { readonly [Reply in Outcome as Reply['$case']]: Reply['value'] };
type Calls = CallStream<TupleRequest, TupleResponse>;

/** @param defaultMs the connection's deadline of a call. @throws INVALID_ARGUMENT for options out of their range. */
export function openTupleStream({ tuples }: Stubs, options: StreamOptions, defaultMs: number): TupleStream {
  const kind = { send: tuples.stream.bind(tuples), sizeOf: tupleRequestBytes, tellsCancelled: true };
  const calls: Calls = new CallStream(kind, options, defaultMs);
  const close = (): Promise<void> => calls.close();
  return { ...createTupleOperations(streamCalls(calls)), close, [Symbol.asyncDispose]: close };
}

function streamCalls(calls: Calls): TupleCalls {
  const ask = async <Name extends keyof Replies>(
    name: Name,
    operation: Operation,
    { deadlineMs = calls.deadlineMs, signal }: CallOptions,
    waitMs = 0,
  ): Promise<Replies[Name]> => {
    const timeoutMs = expectTimerMs(deadlineMs + waitMs, 'deadlineMs');
    const { outcome } = await calls.call((correlation) => ({ correlation, operation }), timeoutMs, signal);
    return replyOf(name, outcome);
  };
  return {
    write: (value, options) => ask('write', { $case: 'write', value }, options),
    renew: (value, options) => ask('renew', { $case: 'renew', value }, options),
    read: (value, options, waitMs) => ask('read', { $case: 'read', value }, options, waitMs),
    take: (value, options, waitMs) => ask('take', { $case: 'take', value }, options, waitMs),
    readAll: (value, options) => ask('readAll', { $case: 'readAll', value }, options),
    count: (value, options) => ask('count', { $case: 'count', value }, options),
    compareAndSwap: (value, options) => ask('compareAndSwap', { $case: 'compareAndSwap', value }, options),
  };
}

/** @throws the error that the node answered; INTERNAL where its answer is one to something else. */
function replyOf<Name extends keyof Replies>(name: Name, outcome: TupleResponse['outcome']): Replies[Name] {
  if (outcome?.$case === 'error') throw toReplyError(outcome.value);
  if (isOf(name, outcome)) return outcome.value;
  throw new PlexSpacesError('INTERNAL', `stream: expected the reply to a ${name}, found ${outcome?.$case ?? 'none'}`);
}

function isOf<Name extends keyof Replies>(
  name: Name,
  outcome: TupleResponse['outcome'],
): outcome is Outcome & { readonly $case: Name; readonly value: Replies[Name] } {
  return outcome?.$case === name;
}
