/** Calls of actors: JSON or bytes in, JSON or bytes out. */
import { encodeInput, isGrpcErrorCode, parseOutput, PlexSpacesError } from '@plexspaces/core';
import type { ServiceError, ServiceRequest, ServiceResponse } from '@plexspaces/proto';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';

/** The node's own answer to a passed deadline says more than ours, so it gets this long to arrive. */
export const NODE_ANSWER_MS = 250;

export interface InvokeOptions extends CallOptions {
  /** Travels with the call, e.g. `traceparent`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** A repeated key gets the recorded reply. Durable actors only. */
  readonly idempotencyKey?: string | undefined;
}

export type TellOptions = InvokeOptions;

export interface InvokeReply {
  /** The actor that replied, with its key. */
  readonly id: string;
  /** The parsed JSON; the bytes themselves where they are none. */
  readonly value: unknown;
  /** The reply as it came, with the guest's own spelling of numbers. */
  readonly bytes: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws EXECUTION_ERROR where the guest itself says no. */
export async function invoke(
  { actors }: Stubs,
  address: string,
  method: string,
  input: unknown,
  options: InvokeOptions & { readonly deadlineMs: number },
): Promise<InvokeReply> {
  const request = toRequest(address, method, input, options);
  const reply = await actors.invoke(request, stubOptions(options, options.deadlineMs, NODE_ANSWER_MS));
  if (!reply.success) throw toReplyError(reply.error);
  return toReply(reply);
}

export async function tell(
  { actors }: Stubs,
  address: string,
  messageType: string,
  input: unknown,
  options: TellOptions & { readonly deadlineMs: number },
): Promise<void> {
  await actors.tell(toMessage(address, messageType, input, options), stubOptions(options, options.deadlineMs));
}

export function toRequest(
  id: string,
  method: string,
  input: unknown,
  options: InvokeOptions & { readonly deadlineMs: number },
): ServiceRequest {
  const { deadlineMs } = options;
  const timeout = { seconds: BigInt(Math.floor(deadlineMs / 1000)), nanos: (deadlineMs % 1000) * 1_000_000 };
  return { ...toMessage(id, method, input, options), timeout };
}

function toMessage(
  id: string,
  method: string,
  input: unknown,
  { metadata, idempotencyKey }: TellOptions,
): ServiceRequest {
  return {
    id,
    method,
    input: encodeInput(input),
    metadata: { ...metadata },
    timeout: undefined,
    idempotencyKey: idempotencyKey ?? '',
    correlation: 0n,
  };
}

export function toReply(reply: ServiceResponse): InvokeReply {
  return { id: reply.id, ...toReplyBody(reply.output), metadata: reply.metadata };
}

/** The parsed JSON, or the bytes themselves where they are none. */
export function toReplyBody(output: Uint8Array): { value: unknown; bytes: Uint8Array } {
  // The transport's own Buffer would show through in comparisons and in JSON.
  const bytes = new Uint8Array(output.buffer, output.byteOffset, output.length);
  return { value: parseOutput(bytes), bytes };
}

/** The guest's own "no". */
export function toReplyError(error: ServiceError | undefined): PlexSpacesError {
  const { code = '', message = 'the actor answered no, without a reason', details = {} } = error ?? {};
  return new PlexSpacesError(isGrpcErrorCode(code) ? code : 'EXECUTION_ERROR', message, { details });
}
