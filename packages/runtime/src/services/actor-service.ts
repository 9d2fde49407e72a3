/** ActorService: calls of actors from outside. A guest's own "no" is a reply; everything else is a status. */
import { formatActorAddress, parseActorAddress, PlexSpacesError, quote } from '@plexspaces/core';
import type { ActorServiceImplementation, ServiceRequest, ServiceResponse, TellResponse } from '@plexspaces/proto';
import type { Logger } from 'pino';
import { CLIENT } from '../actors/actor-host.ts';
import type { Applications } from '../actors/applications.ts';
import { isClientKey } from '../actors/idempotency-keys.ts';
import type { TenantApplications } from '../actors/tenant-applications.ts';
import type { LogWriter } from '../store/log-writer.ts';
import type { ActorInspection } from './actor-inspection.ts';
import type { ActorRepair } from './actor-repair.ts';
import type { CallerContext } from './caller.ts';
import { fromDuration, toDuration } from './durations.ts';
import { logFault, refuseFields } from './errors.ts';
import { invokeStream } from './invoke-stream.ts';
import type { OutputGate } from './output-gate.ts';

/** What streams need beside what single calls do. */
export interface StreamPorts {
  /** Ends them. */
  readonly closing: AbortSignal;
  readonly logger: Logger;
}

const MAX_IDEMPOTENCY_KEY_LENGTH = 256;

export function createActorService(
  applications: Applications,
  inspection: ActorInspection,
  repair: ActorRepair,
  writer: LogWriter,
  gate: OutputGate,
  { closing, logger }: StreamPorts,
): ActorServiceImplementation<CallerContext> {
  const onError = (error: PlexSpacesError): void => logFault(error, 'ActorService.InvokeStream', logger);
  const invokeAs = (
    { caller }: CallerContext,
    request: ServiceRequest,
    signal: AbortSignal,
  ): ReturnType<typeof invoke> => invoke(applications.of(caller.tenant), request, signal);
  return {
    invoke: (request, context) => gate(() => invokeAs(context, request, context.signal)),
    invokeStream: (frames, context) => {
      const ports = { invoke: invokeAs.bind(undefined, context), onError, gate, closing };
      return invokeStream(ports, frames, context.signal);
    },
    tell: (request, { caller }) => gate(() => tell(applications.of(caller.tenant), writer, request)),
    ...inspection,
    ...repair,
  };
}

async function invoke(
  applications: TenantApplications,
  request: ServiceRequest,
  signal: AbortSignal,
): Promise<ServiceResponse> {
  const startedAt = performance.now();
  const { method, input: payload, correlation } = request;
  const idempotencyKey = expectIdempotencyKey(request.idempotencyKey);
  const address = parseActorAddress(request.id);
  expectMethod(method);
  const timeoutMs = fromDuration(request.timeout, 'timeout');
  const base = { id: formatActorAddress(address), metadata: {}, correlation };
  const elapsed = (): ReturnType<typeof toDuration> => toDuration(performance.now() - startedAt);
  try {
    const output = await applications.invoke(address, {
      fromActor: CLIENT,
      method,
      payload,
      idempotencyKey,
      timeoutMs,
      signal,
    });
    return { ...base, success: true, output, error: undefined, duration: elapsed() };
  } catch (thrown) {
    const error = PlexSpacesError.from(thrown);
    if (error.code !== 'EXECUTION_ERROR') throw error;
    const { code, message, details } = error;
    const answer = { code, message, details: { ...details } };
    return { ...base, success: false, output: new Uint8Array(), error: answer, duration: elapsed() };
  }
}

/** Acknowledged when it cannot be lost any more; of actors that are not durable when it waits for a worker. */
function tell(applications: TenantApplications, writer: LogWriter, request: ServiceRequest): TellResponse {
  const { method: messageType, input: payload } = request;
  refuseFields({ timeout: request.timeout !== undefined });
  const idempotencyKey = expectIdempotencyKey(request.idempotencyKey);
  const address = parseActorAddress(request.id);
  expectMethod(messageType);
  writer.append(applications.deliver(address, { fromActor: CLIENT, messageType, payload, idempotencyKey }));
  return {};
}

function expectMethod(method: string): void {
  if (method === '') throw new PlexSpacesError('INVALID_ARGUMENT', 'method: expected a name, found none');
}

function expectIdempotencyKey(key: string): string {
  if (key.length <= MAX_IDEMPOTENCY_KEY_LENGTH && key.isWellFormed() && isClientKey(key)) return key;
  const expected = `Unicode text of at most ${MAX_IDEMPOTENCY_KEY_LENGTH} characters that does not begin with NUL`;
  throw new PlexSpacesError('INVALID_ARGUMENT', `idempotency_key: expected ${expected}, found ${quote(key)}`);
}
