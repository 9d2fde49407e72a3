/** The HTTP port: `/healthz`, `/metrics` and the routes of `http/`. It answers only to hosts that it goes by. */
import type { ServerOptions } from 'node:https';
import { TLSSocket } from 'node:tls';
import { PlexSpacesError } from '@plexspaces/core';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { EVERYONE, expectOwner, NOBODY } from './caller.ts';
import type { Caller } from './caller.ts';
import { certificateNames } from './certificates.ts';
import { logFault } from './errors.ts';
import type { GrpcServices } from './grpc-server.ts';
import type { HostPort } from './host-port.ts';
import { explainListenFailure, formatHostPort } from './host-port.ts';
import { expectOwnRequest } from './http/guard.ts';
import { errorOf, frameworkStatus, problemOf, PROBLEM_TYPE } from './http/problem.ts';
import type { ServiceFacts } from './http/openapi.ts';
import { routesOf } from './http/routes.ts';
import { serveRoutes } from './http/serve-routes.ts';
import type { Metrics } from './metrics.ts';
import type { Security } from './security.ts';
import type { TlsFiles } from './tls-files.ts';

/** An actor's key may be written with nine characters for each of its own, and more. */
const MAX_PARAMETER_LENGTH = 4_096;
/** From the first byte of a request to its last. */
const MAX_REQUEST_MS = 300_000;
/** What is open to everybody. */
const HEALTH = '/healthz';

export interface HttpServerOptions {
  /** What /healthz says; all but `serving` make it 503. */
  readonly status: () => 'serving' | 'storage full' | 'storage failed' | 'shutting down';
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
  readonly services: GrpcServices;
  /** What of a tenant's is deployed, for the description of the port. */
  readonly servicesOf: (tenant: string) => readonly ServiceFacts[];
  readonly security: Omit<Security, 'reload'>;
  readonly logger: Logger;
}

export class HttpServer {
  readonly #app: FastifyInstance;

  constructor(options: HttpServerOptions) {
    const { logger, security } = options;
    const fail = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
      sendProblem(thrown, request, reply, logger);
    this.#app = fastify({
      logger: false,
      https: tlsOptions(security.tls),
      forceCloseConnections: 'idle',
      requestTimeout: MAX_REQUEST_MS,
      routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
      // Before there is a route; who may not ask is told nothing else here, either.
      frameworkErrors: (error, request, reply) => void fail(refusalOf(security, request) ?? error, request, reply),
    });
    this.#app.setErrorHandler(fail);
    this.#app.addHook('onRequest', async (request, reply) => {
      void reply.header('x-content-type-options', 'nosniff');
      expectOwn(security, request);
      if (request.routeOptions.url !== HEALTH) request.caller = admit(security, request);
    });
    serveHealth(this.#app, options);
    serveRoutes(this.#app, routesOf(options.services, options.servicesOf));
  }

  /** @returns the address with the port that was given out. @throws UNAVAILABLE where it cannot be bound. */
  async listen(address: HostPort): Promise<string> {
    try {
      const url = new URL(await this.#app.listen({ host: address.host, port: address.port }));
      return formatHostPort({ ...address, port: Number(url.port) });
    } catch (cause) {
      throw explainListenFailure('HTTP', address, cause);
    }
  }

  /** Lets replies that are on their way leave until the deadline. */
  async close(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.#app.server.closeAllConnections(), deadlineMs);
    await this.#app.close();
    clearTimeout(timer);
  }
}

function serveHealth(app: FastifyInstance, { status, metrics }: HttpServerOptions): void {
  app.get(HEALTH, async (_request, reply) => {
    const now = status();
    return reply.code(now === 'serving' ? 200 : 503).send({ status: now });
  });
  app.get('/metrics', async ({ caller = NOBODY }, reply) => {
    expectOwner(caller);
    return reply.type(metrics.contentType).send(await metrics.text());
  });
}

function expectOwn({ httpHosts }: Pick<Security, 'httpHosts'>, { method, headers, socket }: FastifyRequest): void {
  expectOwnRequest({ method, headers, localAddress: socket.localAddress }, httpHosts);
}

/** Undefined: there is none. */
function refusalOf(security: HttpServerOptions['security'], request: FastifyRequest): PlexSpacesError | undefined {
  try {
    expectOwn(security, request);
    admit(security, request);
    return undefined;
  } catch (thrown) {
    return PlexSpacesError.from(thrown);
  }
}

/** @throws UNAUTHENTICATED */
function admit({ credentials }: Pick<Security, 'credentials'>, { headers, socket }: FastifyRequest): Caller {
  if (!credentials.isGuarded) return EVERYONE;
  const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate() : undefined;
  return credentials.admit({ authorization: headers.authorization, certificateNames: certificateNames(certificate) })
    .caller;
}

/** With an authority, a connection without a certificate of its is refused. */
function tlsOptions(tls: TlsFiles | undefined): ServerOptions | null {
  return tls === undefined
    ? null
    : { ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: tls.ca !== undefined };
}

function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const error = errorOf(thrown);
  logFault(error, `${request.method} ${request.url}`, logger);
  if (error.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer');
  const problem = problemOf(error, frameworkStatus(thrown));
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem)));
}
