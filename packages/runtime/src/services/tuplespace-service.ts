/** TupleSpaceService: the tuple space for clients. */
import { parseNamespace } from '@plexspaces/core';
import { patternFromMessage, tupleFromMessage, tupleToMessage } from '@plexspaces/proto';
import type { ReadRequest, TupleSpaceServiceImplementation } from '@plexspaces/proto';
import type { LogWriter } from '../store/log-writer.ts';
import type { Spaces } from '../tuplespace/spaces.ts';
import { notServed, refuseFields, refuseStream } from './errors.ts';
import type { OutputGate } from './output-gate.ts';

/** No actor wrote it. */
const CLIENT_WRITER = '';

export function createTupleSpaceService(
  spaces: Spaces,
  writer: LogWriter,
  gate: OutputGate,
): TupleSpaceServiceImplementation {
  return {
    write: (request) =>
      gate(() => {
        refuseFields({ ttl_ms: request.ttlMs !== undefined });
        const tuple = tupleFromMessage(request.tuple);
        writer.expectRoom();
        writer.append(spaces.write(namespaceOf(request.namespace), tuple, CLIENT_WRITER));
        return {};
      }),
    read: (request) =>
      gate(() => {
        refuseFields({ wait_ms: waits(request) });
        const tuple = spaces.read(namespaceOf(request.namespace), patternFromMessage(request.pattern));
        return tuple === undefined ? {} : { tuple: tupleToMessage(tuple) };
      }),
    take: (request) =>
      gate(() => {
        refuseFields({ wait_ms: waits(request), idempotency_key: request.idempotencyKey !== '' });
        const pattern = patternFromMessage(request.pattern);
        writer.expectRoom();
        const taken = spaces.take(namespaceOf(request.namespace), pattern);
        if (taken === undefined) return {};
        writer.append(taken.operations);
        return { tuple: tupleToMessage(taken.tuple) };
      }),
    count: (request) =>
      gate(() => {
        const pattern = patternFromMessage(request.pattern);
        return { count: BigInt(spaces.count(namespaceOf(request.namespace), pattern)) };
      }),
    readAll: () => Promise.reject(notServed('TupleSpaceService.ReadAll')),
    compareAndSwap: () => Promise.reject(notServed('TupleSpaceService.CompareAndSwap')),
    subscribe: () => refuseStream('TupleSpaceService.Subscribe'),
  };
}

function namespaceOf(namespace: string): string {
  return parseNamespace(namespace || 'default');
}

/** Waiting 0 ms is not waiting. */
function waits({ waitMs }: Pick<ReadRequest, 'waitMs'>): boolean {
  return waitMs !== undefined && waitMs !== 0n;
}
