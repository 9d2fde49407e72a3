/**
 * ServiceRequest and ServiceResponse as JSON: the call and its answer in one document each. A guest's own "no" is in
 * the answer, as over gRPC; everything else is an error of the route.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { DeepPartial, Duration, ServiceRequest, ServiceResponse } from '@plexspaces/proto';
import { toDuration } from '../durations.ts';
import type { GrpcServices } from '../grpc-server.ts';
import { expectDocument, stringifyExact } from './documents.ts';
import type { JsonFields } from './documents.ts';
import { idempotencyKeyOf, metadataOf, timeoutOf } from './headers.ts';
import { HEADERS, jsonBody, jsonResponse } from './operations.ts';
import { jsonTextOf } from './payload.ts';
import { JSON_TYPE } from './route.ts';
import type { HttpAnswer, HttpCall, HttpRoute } from './route.ts';

/** A payload in base64 is a third longer. */
const MAX_ENVELOPE_BYTES = 96 * 1_048_576;
const DURATION = /^(\d{1,7}(?:\.\d{1,9})?)s$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const FIELDS = ['id', 'method', 'input', 'inputBase64', 'metadata', 'timeout', 'idempotencyKey'];
const encoder = new TextEncoder();

const TEXTS = { type: 'object', additionalProperties: { type: 'string' } } as const;
const REQUEST_SCHEMA = {
  type: 'object',
  required: ['id', 'method'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', description: '`service` or `service/key`' },
    method: { type: 'string' },
    input: { description: 'The payload as JSON; {} where there is neither it nor inputBase64.' },
    inputBase64: { type: 'string', contentEncoding: 'base64' },
    metadata: TEXTS,
    timeout: { type: 'string', description: 'Seconds, such as 2.5s.' },
    idempotencyKey: { type: 'string' },
  },
} as const;
const RESPONSE_SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    success: { type: 'boolean' },
    output: { description: 'The reply; {"base64": …} where it is no JSON, null where there is none.' },
    error: {
      type: ['object', 'null'],
      properties: { code: { type: 'string' }, message: { type: 'string' }, details: TEXTS },
    },
    metadata: TEXTS,
    duration: { type: 'string' },
  },
} as const;

export function envelopeRoutes(services: Pick<GrpcServices, 'actors'>): HttpRoute[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/invoke',
      right: 'invoke',
      bodyLimitBytes: MAX_ENVELOPE_BYTES,
      operation: {
        operationId: 'invoke',
        summary: "Calls an actor. An actor's own error is in the answer.",
        tags: ['actors'],
        parameters: [HEADERS.idempotencyKey, HEADERS.requestTimeout],
        requestBody: jsonBody(REQUEST_SCHEMA),
        responses: { 200: jsonResponse('How the call ended.', RESPONSE_SCHEMA) },
      },
      handle: async (call) => responseAnswer(await services.actors.invoke(requestOf(call), call.context)),
    },
  ];
}

function requestOf({ body, headers }: HttpCall): ServiceRequest {
  const fields = expectDocument(body, FIELDS);
  return {
    id: fields.text('id') ?? '',
    method: fields.text('method') ?? '',
    input: inputOf(fields),
    metadata: { ...metadataOf(headers), ...fields.texts('metadata') },
    timeout: durationOf(fields.text('timeout')) ?? timeoutOf(headers),
    idempotencyKey: fields.text('idempotencyKey') ?? idempotencyKeyOf(headers),
    correlation: 0n,
  };
}

function inputOf(fields: JsonFields): Uint8Array {
  const base64 = fields.text('inputBase64');
  if (base64 === undefined) return encoder.encode(fields.has('input') ? stringifyExact(fields.value('input')) : '{}');
  if (!fields.has('input') && BASE64.test(base64)) return Buffer.from(base64, 'base64');
  const found = fields.has('input') ? 'both' : 'something else';
  throw invalid(`inputBase64: expected base64 with padding, and no input beside it, found ${found}`);
}

function durationOf(text: string | undefined): Duration | undefined {
  if (text === undefined) return undefined;
  const seconds = DURATION.exec(text)?.[1];
  if (seconds !== undefined) return toDuration(Number(seconds) * 1000);
  throw invalid(`timeout: expected seconds such as 2.5s, found ${JSON.stringify(text.slice(0, 40))}`);
}

/** The reply is put in as the text that the guest wrote, with its own spelling of numbers. */
function responseAnswer(response: DeepPartial<ServiceResponse>): HttpAnswer {
  const { id, success = false, output = new Uint8Array(), error, metadata = {}, duration } = response;
  const head = JSON.stringify({ id, success }).slice(0, -1);
  const tail = JSON.stringify({ error: error ?? null, metadata, duration: durationText(duration) }).slice(1);
  return { type: JSON_TYPE, body: `${head},"output":${success ? outputText(output) : 'null'},${tail}` };
}

function outputText(output: Uint8Array): string {
  return jsonTextOf(output) ?? JSON.stringify({ base64: Buffer.from(output).toString('base64') });
}

function durationText(duration: DeepPartial<Duration> | undefined): string {
  const { seconds = 0n, nanos = 0 } = duration ?? {};
  const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}s`;
}

function invalid(message: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', message, { reason: 'VALIDATION' });
}
