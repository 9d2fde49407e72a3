/**
 * TupleSpaceService.Stream: tuple operations over one stream.
 *
 * T1. What waits never fills a stream: past a number of its own one more is refused, so that frames are read on, among them
 *     those with what the others wait for, or that nobody wants them any more.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { tupleRequestBytes, tupleResponseBytes } from '@plexspaces/proto';
import type { TupleRequest, TupleRequestFrame, TupleResponse, TupleResponseFrame } from '@plexspaces/proto';
import { callStream } from './call-stream.ts';
import type { CallStreamPorts } from './call-stream.ts';
import { toServiceError } from './errors.ts';
import { compareAndSwap, count, read, readAll, renew, take, write } from './tuple-operations.ts';
import type { Answer, TupleCall, TuplePorts } from './tuple-operations.ts';

export interface TupleStreamPorts extends Pick<
  CallStreamPorts<TupleRequest, TupleResponse>,
  'gate' | 'closing' | 'onError' | 'limits'
> {
  readonly operations: TuplePorts;
  /** Reads and takes that may wait at the same time; default 256, half of all that is under way. */
  readonly maxWaiting?: number | undefined;
}

type Operation = TupleRequest['operation'];
type Outcome = TupleResponse['outcome'];

const DEFAULT_MAX_WAITING = 256;
const sizeOf = { request: tupleRequestBytes, response: tupleResponseBytes };

/** @param context of the stream; what it allows holds for each operation. @throws as callStream does. */
export function tupleStream(
  { operations, maxWaiting = DEFAULT_MAX_WAITING, ...ports }: TupleStreamPorts,
  frames: AsyncIterable<TupleRequestFrame>,
  { caller, signal }: TupleCall,
): AsyncGenerator<TupleResponseFrame, void, undefined> {
  let waiting = 0;
  const run = ({ operation, correlation }: TupleRequest, call: TupleCall): Answer<TupleResponse> => {
    const outcome = operate(operations, operation, call);
    if (!(outcome instanceof Promise)) return { correlation, outcome };
    return outcome.then((value) => ({ correlation, outcome: value }));
  };
  const runWaiting = async (request: TupleRequest, call: TupleCall): Promise<TupleResponse> => {
    if (waiting >= maxWaiting) throw tooManyWaiting(maxWaiting); // T1
    waiting += 1;
    try {
      return await run(request, call);
    } finally {
      waiting -= 1;
    }
  };
  const start: CallStreamPorts<TupleRequest, TupleResponse>['run'] = (request, call) => {
    if (mayWait(request.operation)) return runWaiting(request, { caller, signal: call.signal });
    return run(request, { caller, signal: isKeyed(request.operation) ? call.signal : signal });
  };
  return callStream({ ...ports, sizeOf, failureOf, run: start }, frames, signal);
}

/** @throws INVALID_ARGUMENT where there is none. */
function operate(ports: TuplePorts, operation: Operation, call: TupleCall): Answer<Outcome> {
  switch (operation?.$case) {
    case 'write':
      return as(write(ports, operation.value, call), (value) => ({ $case: 'write', value }));
    case 'take':
      return as(take(ports, operation.value, call), (value) => ({ $case: 'take', value }));
    case 'read':
      return as(read(ports, operation.value, call), (value) => ({ $case: 'read', value }));
    case 'count':
      return { $case: 'count', value: count(ports, operation.value, call) };
    case 'compareAndSwap':
      return { $case: 'compareAndSwap', value: compareAndSwap(ports, operation.value, call) };
    case 'renew':
      return { $case: 'renew', value: renew(ports, operation.value, call) };
    case 'readAll':
      return { $case: 'readAll', value: readAll(ports, operation.value, call) };
    case undefined:
      throw new PlexSpacesError('INVALID_ARGUMENT', 'operation: expected one, found none', { reason: 'VALIDATION' });
  }
}

function as<T>(answer: Answer<T>, toOutcome: (value: T) => Outcome): Answer<Outcome> {
  return answer instanceof Promise ? answer.then(toOutcome) : toOutcome(answer);
}

function mayWait(operation: Operation): boolean {
  return (operation?.$case === 'read' || operation?.$case === 'take') && (operation.value.waitMs ?? 0n) > 0n;
}

/** It waits for its record, for a moment. */
function isKeyed(operation: Operation): boolean {
  return (operation?.$case === 'write' || operation?.$case === 'take') && operation.value.idempotencyKey !== '';
}

function failureOf({ correlation }: TupleRequest, error: PlexSpacesError): TupleResponse {
  return { correlation, outcome: { $case: 'error', value: toServiceError(error) } };
}

function tooManyWaiting(limit: number): PlexSpacesError {
  return new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `stream: expected at most ${limit} operations that wait, found more`,
  );
}
