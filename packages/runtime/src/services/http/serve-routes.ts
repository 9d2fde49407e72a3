/** Routes behind fastify: bodies stay bytes, nothing is validated or serialized on the way, a client that goes cancels. */
import { PlexSpacesError, quote } from '@plexspaces/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Metadata } from 'nice-grpc-common';
import { expectRight, NOBODY } from '../caller.ts';
import type { Caller, ServiceContext } from '../caller.ts';
import { mediaType } from './guard.ts';
import { acceptMultipart, partsOf } from './multipart.ts';
import { BYTES_TYPE, JSON_TYPE } from './route.ts';
import type { HttpCall, HttpRoute } from './route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before anything of the request is read. */
    caller?: Caller;
  }
}

const NOTHING = new Uint8Array();

export function serveRoutes(app: FastifyInstance, routes: readonly HttpRoute[]): void {
  app.decorateRequest('caller');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([JSON_TYPE, BYTES_TYPE], { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  acceptMultipart(app);
  // Routes come behind what the plugin adds, which is when it has been loaded.
  void app.after(() => {
    for (const route of routes) serveRoute(app, route);
  });
  app.setNotFoundHandler((request) => {
    throw new PlexSpacesError(
      'NOT_FOUND',
      `expected a route of the node, found ${request.method} ${quote(request.url)}`,
    );
  });
}

function serveRoute(app: FastifyInstance, { method, path, right, bodyLimitBytes, handle }: HttpRoute): void {
  app.route({
    method,
    url: path,
    ...(bodyLimitBytes > 0 && { bodyLimit: bodyLimitBytes }),
    onRequest: async ({ caller = NOBODY, headers }, reply) => {
      expectRight(caller, right);
      if (Number(headers['content-length'] ?? 0) <= bodyLimitBytes) return;
      void reply.header('connection', 'close'); // what else comes of it is not read
      throw new PlexSpacesError('RESOURCE_EXHAUSTED', `body: expected at most ${bodyLimitBytes} bytes, found more`, {
        reason: 'PAYLOAD_TOO_LARGE',
      });
    },
    handler: async (request, reply) => {
      const { status = 200, type, body } = await handle(callOf(request, reply));
      return reply
        .code(status)
        .header('content-type', type)
        .send(typeof body === 'string' ? Buffer.from(body) : body);
    },
  });
}

function callOf(request: FastifyRequest, reply: FastifyReply): HttpCall {
  const { params, query, headers, body } = request;
  return {
    parameters: textsOf(params),
    query: textsOf(query),
    headers,
    body: { bytes: body instanceof Uint8Array ? body : NOTHING, type: mediaType(headers) },
    parts: () => partsOf(request),
    context: contextOf(request, reply),
  };
}

/** As a gRPC call's: the services are the same. */
function contextOf({ caller = NOBODY }: FastifyRequest, reply: FastifyReply): ServiceContext {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new PlexSpacesError('CANCELLED', 'the client has gone'));
  });
  return {
    caller,
    metadata: new Metadata(),
    peer: '',
    header: new Metadata(),
    trailer: new Metadata(),
    sendHeader: () => undefined,
    signal: gone.signal,
  };
}

/** What comes twice counts with its last. */
function textsOf(record: unknown): Record<string, string> {
  if (typeof record !== 'object' || record === null) return {};
  const texts = Object.entries(record).map(([name, value]): [string, string] => {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    return [name, typeof last === 'string' ? last : ''];
  });
  return Object.fromEntries(texts);
}
