/** The HTTP port: `/healthz` and `/metrics`. It answers only to hosts that it goes by. */
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { HostPort } from './host-port.ts';
import type { Metrics } from './metrics.ts';
import { explainListenFailure, formatHostPort } from './host-port.ts';

const LOOPBACK_HOST = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/;
const BODY_LIMIT_BYTES = 1_048_576;

export interface HttpServerOptions {
  /** What /healthz says; all but `serving` make it 503. */
  readonly status: () => 'serving' | 'storage full' | 'storage failed' | 'shutting down';
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
}

export class HttpServer {
  readonly #app: FastifyInstance;

  constructor(options: HttpServerOptions) {
    this.#app = fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true });
    // A web page can make a browser send requests to a loopback port under a name of its own.
    this.#app.addHook('onRequest', async (request, reply) => {
      if (LOOPBACK_HOST.test(request.headers.host ?? '')) return;
      await reply.code(403).send({ code: 'PERMISSION_DENIED', message: 'Host: expected a loopback name' });
    });
    this.#app.get('/healthz', async (_request, reply) => {
      const status = options.status();
      return reply.code(status === 'serving' ? 200 : 503).send({ status });
    });
    this.#app.get('/metrics', async (_request, reply) => {
      const { metrics } = options;
      return reply.type(metrics.contentType).send(await metrics.text());
    });
    this.#app.setNotFoundHandler((request, reply) =>
      reply.code(404).send({ code: 'NOT_FOUND', message: `no route ${request.method} ${request.url}` }),
    );
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

  async close(): Promise<void> {
    await this.#app.close();
  }
}
