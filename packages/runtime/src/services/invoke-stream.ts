/** ActorService.InvokeStream: calls of actors over one stream, each with its own deadline in its request. */
import type { RequestFrame, ResponseFrame, ServiceRequest, ServiceResponse } from '@plexspaces/proto';
import { callStream } from './call-stream.ts';
import type { CallStreamPorts } from './call-stream.ts';
import { toServiceError } from './errors.ts';

export interface InvokeStreamPorts extends Pick<
  CallStreamPorts<ServiceRequest, ServiceResponse>,
  'gate' | 'closing' | 'onError'
> {
  readonly invoke: (request: ServiceRequest, signal: AbortSignal) => Promise<ServiceResponse>;
}

const NOTHING = new Uint8Array();
const sizeOf: CallStreamPorts<ServiceRequest, ServiceResponse>['sizeOf'] = {
  request: ({ input }) => input.length,
  response: ({ output }) => output.length,
};

/** @throws as callStream does. */
export function invokeStream(
  { invoke, ...ports }: InvokeStreamPorts,
  frames: AsyncIterable<RequestFrame>,
  signal: AbortSignal,
): AsyncGenerator<ResponseFrame, void, undefined> {
  return callStream(
    { ...ports, sizeOf, failureOf, run: (request, call) => invoke(request, call.signal) },
    frames,
    signal,
  );
}

const failureOf: CallStreamPorts<ServiceRequest, ServiceResponse>['failureOf'] = ({ id, correlation }, error) => {
  const base = { id, correlation, metadata: {}, duration: undefined };
  return { ...base, success: false, output: NOTHING, error: toServiceError(error) };
};
