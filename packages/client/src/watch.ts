/** A subscription to the tuple space, for as long as it is wanted. */
import { PlexSpacesError, tupleToOutput } from '@plexspaces/core';
import type { FieldOutput } from '@plexspaces/core';
import { tupleFromMessage } from '@plexspaces/proto';
import type { DeepPartial, SubscribeRequest, SubscribeResponse } from '@plexspaces/proto';
import type { CallOptions } from './options.ts';
import { MAX_TIMER_MS } from './options.ts';
import type { Stubs } from './stubs.ts';

/**
 * Every write that matches, in their order. Iterate it once.
 * @throws while iterating: RESOURCE_EXHAUSTED where the node's buffer ran over because the reader is too slow;
 * UNAVAILABLE where the node goes.
 */
export interface TupleWatch extends AsyncIterable<FieldOutput[]>, AsyncDisposable {
  /** Ends it; whoever iterates comes to the end. */
  close(): void;
}

/** The header by which a node says that nothing will be missed from now on. */
const BEGUN_HEADER = 'plexspaces-subscribed';

export async function watchTuples(
  { tuples }: Stubs,
  request: DeepPartial<SubscribeRequest>,
  { signal, deadlineMs = MAX_TIMER_MS }: CallOptions,
): Promise<TupleWatch> {
  const closing = new AbortController();
  const begun = Promise.withResolvers<void>();
  const stream = tuples.subscribe(request, {
    deadlineMs,
    signal: signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]),
    onHeader: (header) => {
      if (header.has(BEGUN_HEADER)) begun.resolve();
    },
  });
  const responses = stream[Symbol.asyncIterator]();
  const first = responses.next();
  await Promise.race([begun.promise, first]);
  first.catch(() => undefined); // it comes again when somebody iterates
  const items = iterate(first, responses, closing);
  return {
    [Symbol.asyncIterator]: () => items,
    close: () => closing.abort(),
    [Symbol.asyncDispose]: async () => closing.abort(),
  };
}

async function* iterate(
  first: Promise<IteratorResult<SubscribeResponse>>,
  responses: AsyncIterator<SubscribeResponse>,
  closing: AbortController,
): AsyncGenerator<FieldOutput[], void, undefined> {
  try {
    for (let next = await first; next.done !== true; next = await responses.next()) {
      yield tupleToOutput(tupleFromMessage(next.value.tuple));
    }
  } catch (thrown) {
    if (!closing.signal.aborted) throw PlexSpacesError.from(thrown);
  } finally {
    closing.abort();
  }
}
