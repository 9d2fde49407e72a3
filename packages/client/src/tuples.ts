/** The tuple space from outside. */
import { toPattern } from '@plexspaces/core';
import type { PatternInput } from '@plexspaces/core';
import { patternToMessage } from '@plexspaces/proto';
import type { StreamOptions } from './call-stream.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';
import { createTupleOperations } from './tuple-operations.ts';
import type { SpaceOptions, TupleCalls, TupleOperations } from './tuple-operations.ts';
import { openTupleStream } from './tuple-stream.ts';
import type { TupleStream } from './tuple-stream.ts';
import { watchTuples } from './watch.ts';
import type { TupleWatch } from './watch.ts';

export interface TupleSpace extends TupleOperations {
  /** Resolves once every later write that matches will come. */
  watch(pattern: PatternInput, options?: SpaceOptions): Promise<TupleWatch>;
  /**
   * A stream for many operations in flight: those of one turn of the event loop travel together. It ends with `close`,
   * with the client, and where the connection breaks; it is not opened again by itself.
   */
  stream(options?: StreamOptions): TupleStream;
}

export function createTupleSpace(stubs: Stubs, deadlineMs: number): TupleSpace {
  return {
    ...createTupleOperations(singleCalls(stubs, deadlineMs)),
    async watch(pattern, { namespace = '', ...options } = {}) {
      return watchTuples(stubs, { namespace, pattern: patternToMessage(toPattern(pattern)) }, options);
    },
    stream: (options = {}) => openTupleStream(stubs, options, deadlineMs),
  };
}

/** A gRPC call for each. */
function singleCalls({ tuples }: Stubs, defaultMs: number): TupleCalls {
  return {
    write: (request, options) => tuples.write(request, stubOptions(options, defaultMs)),
    renew: (request, options) => tuples.renew(request, stubOptions(options, defaultMs)),
    read: (request, options, waitMs) => tuples.read(request, stubOptions(options, defaultMs, waitMs)),
    take: (request, options, waitMs) => tuples.take(request, stubOptions(options, defaultMs, waitMs)),
    readAll: (request, options) => tuples.readAll(request, stubOptions(options, defaultMs)),
    count: (request, options) => tuples.count(request, stubOptions(options, defaultMs)),
    compareAndSwap: (request, options) => tuples.compareAndSwap(request, stubOptions(options, defaultMs)),
  };
}
