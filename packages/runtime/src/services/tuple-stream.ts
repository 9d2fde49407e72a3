/**
 * TupleSpaceService.Stream: tuple operations over one stream.
 *
 * T1. What waits never fills a stream: past a number of its own, what finds nothing at once is refused, so that frames are
 *     read on, among them those with what the others wait for, or that nobody wants them any more.
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
  /** Reads and takes that wait at the same time; default 256, half of all that is under way. */
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
  const perform = ({ operation, correlation }: TupleRequest, call: TupleCall): Answer<TupleResponse> =>
    mapAnswer(operate(operations, operation, call), (outcome) => ({ correlation, outcome }));
  const wait = (request: TupleRequest, call: TupleCall): Answer<TupleResponse> => {
    if (waiting >= maxWaiting) return mapAnswer(perform(lookingOnce(request), call), foundBeside(waiting)); // T1
    const answer = perform(request, call);
    if (!(answer instanceof Promise)) return answer;
    const leave = (): unknown => (waiting -= 1);
    waiting += 1;
    answer.then(leave, leave);
    return answer;
  };
  const run: CallStreamPorts<TupleRequest, TupleResponse>['run'] = (request, call) => {
    if (mayWait(request)) return wait(request, { caller, signal: call.signal });
    return perform(request, { caller, signal: isKeyed(request) ? call.signal : signal });
  };
  return callStream({ ...ports, sizeOf, failureOf, run }, frames, signal);
}

/** @throws INVALID_ARGUMENT where there is none. */
function operate(ports: TuplePorts, operation: Operation, call: TupleCall): Answer<Outcome> {
  switch (operation?.$case) {
    case 'write':
      return mapAnswer(write(ports, operation.value, call), (value) => ({ $case: 'write', value }));
    case 'take':
      return mapAnswer(take(ports, operation.value, call), (value) => ({ $case: 'take', value }));
    case 'read':
      return mapAnswer(read(ports, operation.value, call), (value) => ({ $case: 'read', value }));
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

function mapAnswer<T, U>(answer: Answer<T>, change: (value: T) => U): Answer<U> {
  return answer instanceof Promise ? answer.then(change) : change(answer);
}

function mayWait({ operation }: TupleRequest): boolean {
  return (operation?.$case === 'read' || operation?.$case === 'take') && (operation.value.waitMs ?? 0n) > 0n;
}

/** It waits for its record, for a moment. */
function isKeyed({ operation }: TupleRequest): boolean {
  return (operation?.$case === 'write' || operation?.$case === 'take') && operation.value.idempotencyKey !== '';
}

function lookingOnce({ correlation, operation }: TupleRequest): TupleRequest {
  if (operation?.$case === 'read') {
    return { correlation, operation: { $case: 'read', value: { ...operation.value, waitMs: 0n } } };
  }
  if (operation?.$case !== 'take') return { correlation, operation };
  return { correlation, operation: { $case: 'take', value: { ...operation.value, waitMs: 0n } } };
}

function failureOf({ correlation }: TupleRequest, error: PlexSpacesError): TupleResponse {
  return { correlation, outcome: { $case: 'error', value: toServiceError(error) } };
}

/** @returns what throws RESOURCE_EXHAUSTED where an operation would have had to wait. */
function foundBeside(waiting: number): (response: TupleResponse) => TupleResponse {
  return (response) => {
    const { outcome } = response;
    if ((outcome?.$case !== 'read' && outcome?.$case !== 'take') || outcome.value.tuple !== undefined) return response;
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `stream: expected a match while ${waiting} others wait, found none`,
    );
  };
}
