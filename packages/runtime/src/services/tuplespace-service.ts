/** TupleSpaceService: the tuple space for clients. Each operation by itself passes the output gate; a stream's frames do. */
import { patternFromMessage, tupleToMessage } from '@plexspaces/proto';
import type { SubscribeRequest, SubscribeResponse, TupleSpaceServiceImplementation } from '@plexspaces/proto';
import type { Logger } from 'pino';
import { TupleFeed } from '../tuplespace/tuple-feed.ts';
import type { CallerContext, ServiceContext } from './caller.ts';
import { logFault } from './errors.ts';
import type { OutputGate } from './output-gate.ts';
import { compareAndSwap, count, read, readAll, renew, spaceNamed, take, write } from './tuple-operations.ts';
import type { Answer, TupleCall, TuplePorts } from './tuple-operations.ts';
import { tupleStream } from './tuple-stream.ts';

export interface TupleServicePorts extends TuplePorts {
  readonly gate: OutputGate;
  readonly logger: Logger;
}

/** From its arrival on a subscriber misses nothing. (Headers as such go out before an error, too.) */
const BEGUN_HEADER = 'plexspaces-subscribed';

export function createTupleSpaceService(ports: TupleServicePorts): TupleSpaceServiceImplementation<CallerContext> {
  const { gate, closing, logger } = ports;
  const gated =
    <Request, Reply>(operate: (ports: TuplePorts, request: Request, call: TupleCall) => Answer<Reply>) =>
    (request: Request, context: ServiceContext): Promise<Reply> =>
      gate(() => operate(ports, request, context));
  return {
    write: gated(write),
    renew: gated(renew),
    read: gated(read),
    take: gated(take),
    readAll: gated(readAll),
    count: gated(count),
    compareAndSwap: gated(compareAndSwap),
    subscribe: (request, context) => subscribe(ports, request, context),
    stream: (frames, context) => {
      const onError = (error: Parameters<typeof logFault>[0]): void =>
        logFault(error, 'TupleSpaceService.Stream', logger);
      return tupleStream({ operations: ports, gate, closing, onError }, frames, context);
    },
  };
}

/** The header goes out once it has begun; each tuple passes the output gate. */
async function* subscribe(
  { spaces, gate, closing }: TupleServicePorts,
  request: SubscribeRequest,
  context: ServiceContext,
): AsyncGenerator<SubscribeResponse, void, undefined> {
  const { signal } = context;
  const pattern = patternFromMessage(request.pattern);
  using feed = new TupleFeed(spaces, spaceNamed(request.namespace, context), pattern, { signal, closing });
  context.header.set(BEGUN_HEADER, '1');
  context.sendHeader();
  for (;;) {
    for (const tuple of await gate(() => feed.next())) yield { tuple: tupleToMessage(tuple) };
  }
}
