/** Calls of actors and messages to them: the body is the payload, the answer's body is the reply. */
import { parseServiceId, PlexSpacesError } from '@plexspaces/core';
import type { ServiceRequest } from '@plexspaces/proto';
import type { GrpcServices } from '../grpc-server.ts';
import { guestErrorOf } from '../errors.ts';
import { idempotencyKeyOf, metadataOf, timeoutOf } from './headers.ts';
import { HEADERS, parameter, PAYLOAD, REPLY } from './operations.ts';
import { payloadOf, replyAnswer } from './payload.ts';
import { jsonAnswer } from './route.ts';
import type { HttpAnswer, HttpCall, HttpRoute } from './route.ts';

/** Above every application's own limit, which then answers for itself. */
const MAX_PAYLOAD_BYTES = 64 * 1_048_576;

type Services = Pick<GrpcServices, 'actors'>;

export function invokeRoutes(services: Services): HttpRoute[] {
  const invoke = (call: HttpCall): Promise<HttpAnswer> => invokeActor(services, call);
  const tell = (call: HttpCall): Promise<HttpAnswer> => tellActor(services, call);
  return [
    ...forms('/api/v1/services', 'method').map((form) => invokeRoute(form, invoke)),
    ...forms('/api/v1/tell', 'type').map((form) => tellRoute(form, tell)),
  ];
}

interface Form {
  readonly path: string;
  readonly name: string;
  readonly parameters: readonly object[];
}

/** Of an actor that has a key, and of others. */
function forms(root: string, last: 'method' | 'type'): Form[] {
  const [service, key] = [parameter('service', 'The service id.'), parameter('key', "The actor's key.")];
  const what = parameter(last, `The ${last === 'method' ? 'method' : 'type of the message'}.`);
  return [
    { path: `${root}/:service/:${last}`, name: 'Service', parameters: [service, what] },
    { path: `${root}/:service/:key/:${last}`, name: 'Actor', parameters: [service, key, what] },
  ];
}

function invokeRoute({ path, name, parameters }: Form, handle: HttpRoute['handle']): HttpRoute {
  return {
    method: 'POST',
    path,
    right: 'invoke',
    bodyLimitBytes: MAX_PAYLOAD_BYTES,
    operation: {
      operationId: `invoke${name}`,
      summary: 'Calls an actor and gives its reply.',
      tags: ['actors'],
      parameters: [...parameters, HEADERS.idempotencyKey, HEADERS.requestTimeout],
      requestBody: PAYLOAD,
      responses: { 200: REPLY },
    },
    handle,
  };
}

function tellRoute({ path, name, parameters }: Form, handle: HttpRoute['handle']): HttpRoute {
  return {
    method: 'POST',
    path,
    right: 'invoke',
    bodyLimitBytes: MAX_PAYLOAD_BYTES,
    operation: {
      operationId: `tell${name}`,
      summary: 'Sends an actor a message and waits for no reply.',
      tags: ['actors'],
      parameters: [...parameters, HEADERS.idempotencyKey],
      requestBody: PAYLOAD,
      responses: { 202: { description: 'A durable actor cannot lose it any more.' } },
    },
    handle,
  };
}

async function invokeActor({ actors }: Services, call: HttpCall): Promise<HttpAnswer> {
  const message = messageOf(call, call.parameters['method']);
  const reply = await actors.invoke({ ...message, timeout: timeoutOf(call.headers) }, call.context);
  if (reply.success !== true) throw guestErrorOf(reply.error);
  return replyAnswer(reply.output ?? new Uint8Array());
}

async function tellActor({ actors }: Services, call: HttpCall): Promise<HttpAnswer> {
  const message = messageOf(call, call.parameters['type']);
  await actors.tell(message, call.context);
  return jsonAnswer({ id: message.id, messageType: message.method }, 202);
}

function messageOf({ parameters, headers, body }: HttpCall, method = ''): ServiceRequest {
  return {
    id: addressOf(parameters),
    method,
    input: payloadOf(body),
    metadata: metadataOf(headers),
    timeout: undefined,
    idempotencyKey: idempotencyKeyOf(headers),
    correlation: 0n,
  };
}

/** @throws INVALID_ARGUMENT; else a service with a slash in it would be taken for an actor with a key. */
function addressOf({ service = '', key }: HttpCall['parameters']): string {
  const id = parseServiceId(service);
  if (key === '')
    throw new PlexSpacesError('INVALID_ARGUMENT', 'actor key: expected at least one character, found none');
  return key === undefined ? id : `${id}/${key}`;
}
