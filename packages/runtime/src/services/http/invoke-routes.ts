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

/** What is done with an actor. */
interface Verb {
  readonly name: 'invoke' | 'tell';
  readonly root: string;
  /** The last parameter of the path. */
  readonly last: 'method' | 'type';
  readonly lastDescription: string;
  readonly summary: string;
  readonly headers: readonly object[];
  readonly responses: HttpRoute['operation']['responses'];
  readonly perform: (services: Services, call: HttpCall) => Promise<HttpAnswer>;
}

const INVOKE: Verb = {
  name: 'invoke',
  root: '/api/v1/services',
  last: 'method',
  lastDescription: 'The method.',
  summary: 'Calls an actor and gives its reply.',
  headers: [HEADERS.idempotencyKey, HEADERS.requestTimeout],
  responses: { 200: REPLY },
  perform: invokeActor,
};

const TELL: Verb = {
  name: 'tell',
  root: '/api/v1/tell',
  last: 'type',
  lastDescription: 'The type of the message.',
  summary: 'Sends an actor a message and waits for no reply.',
  headers: [HEADERS.idempotencyKey],
  responses: { 202: { description: 'A durable actor cannot lose it any more.' } },
  perform: tellActor,
};

export function invokeRoutes(services: Services): HttpRoute[] {
  return [INVOKE, TELL].flatMap((verb) => formsOf(verb).map((form) => routeOf(verb, form, services)));
}

interface Form {
  readonly path: string;
  readonly operationId: string;
  readonly parameters: readonly object[];
}

/** Of an actor that has a key, and of others. */
function formsOf({ name, root, last, lastDescription }: Verb): Form[] {
  const [service, key] = [parameter('service', 'The service id.'), parameter('key', "The actor's key.")];
  const what = parameter(last, lastDescription);
  return [
    { path: `${root}/:service/:${last}`, operationId: `${name}Service`, parameters: [service, what] },
    { path: `${root}/:service/:key/:${last}`, operationId: `${name}Actor`, parameters: [service, key, what] },
  ];
}

function routeOf(verb: Verb, { path, operationId, parameters }: Form, services: Services): HttpRoute {
  const { summary, headers, responses } = verb;
  return {
    method: 'POST',
    path,
    right: 'invoke',
    bodyLimitBytes: MAX_PAYLOAD_BYTES,
    operation: {
      operationId,
      summary,
      tags: ['actors'],
      parameters: [...parameters, ...headers],
      requestBody: PAYLOAD,
      responses,
    },
    handle: (call) => verb.perform(services, call),
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
