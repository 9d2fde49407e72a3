/** The HTTP port: health, and whom it answers. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlexSpacesError } from '@plexspaces/core';
import { Credentials } from '../../../packages/runtime/src/services/credentials.ts';
import { forwardServices } from '../../../packages/runtime/src/services/forward-services.ts';
import { HttpServer } from '../../../packages/runtime/src/services/http-server.ts';
import type { HttpServerOptions } from '../../../packages/runtime/src/services/http-server.ts';
import { recordingLogger } from '../../support/recording-logger.ts';

/** Nothing that is asked here comes to them. */
const services = forwardServices(() => {
  throw new PlexSpacesError('UNAVAILABLE', 'no services');
});
const { logger } = recordingLogger();
const security = {
  credentials: new Credentials({ entries: undefined, hasAuthority: false }),
  tls: undefined,
  httpHosts: [],
};

let server: HttpServer;
let port: number;
const metrics = { contentType: 'text/plain', text: () => Promise.resolve('{"one":1}') };
let status: ReturnType<HttpServerOptions['status']> = 'serving';

beforeAll(async () => {
  server = new HttpServer({ status: () => status, metrics, services, servicesOf: () => [], security, logger });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  port = Number(address.replace('127.0.0.1:', ''));
});

afterAll(async () => {
  await server.close(0);
});

describe('/healthz', () => {
  it.each(['storage full', 'storage failed', 'shutting down'] as const)(
    'is 200 while the node serves and 503 with the reason while it does not: %s',
    async (other) => {
      expect(await get('/healthz')).toEqual({ status: 200, body: { status: 'serving' } });
      status = other;
      expect(await get('/healthz')).toEqual({ status: 503, body: { status: other } });
      status = 'serving';
    },
  );

  it('has no neighbour of another name', async () => {
    expect(await get('/else')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });
});

it('/metrics is what the metrics say', async () => {
  expect(await get('/metrics')).toEqual({ status: 200, body: { one: 1 } });
});

describe('the Host', () => {
  it.each(['localhost', '127.0.0.1:8001', '127.8.8.8', '[::1]:80'])('%s is answered', async (host) => {
    expect(await get('/healthz', host)).toMatchObject({ status: 200 });
  });

  it.each(['example.org', '127.0.0.1.example.org', 'localhost.example.org:80', '10.0.0.1', 'evil@localhost'])(
    '%s is refused, on every route',
    async (host) => {
      expect(await get('/healthz', host)).toMatchObject({ status: 403, body: { code: 'PERMISSION_DENIED' } });
      expect(await get('/else', host)).toMatchObject({ status: 403 });
    },
  );
});

it('says that a port is in use', async () => {
  const second = new HttpServer({ status: () => 'serving', metrics, services, servicesOf: () => [], security, logger });
  await expect(second.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: `cannot listen on 127.0.0.1:${port} (HTTP): the port is in use`,
  });
  await second.close(0);
});

/** fetch would not let a test choose the Host. */
function get(path: string, host = `127.0.0.1:${port}`): Promise<{ status: number | undefined; body: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path, host: '127.0.0.1', headers: { host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}
