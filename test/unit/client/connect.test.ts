import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect } from '@plexspaces/client';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from './fake-node.ts';

describe('connect', () => {
  it('refuses an address that is not HOST:PORT', async () => {
    for (const address of ['', 'localhost', 'host:0', 'host:65536', 'http://host:80', 'a b:80', 'host:-1', ':80']) {
      await expect(connect(address)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('expected HOST:PORT'),
      });
    }
  });

  it('refuses times that no timer can run', async () => {
    for (const deadlineMs of [0, -1, 1.5, NaN, 2 ** 31]) {
      await expect(connect('127.0.0.1:1', { deadlineMs })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  it('says that no node answers where the connection is refused, without waiting for the timeout', async () => {
    const address = await closedPort();
    const started = performance.now();
    await expect(connect(address, { connectTimeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `no node answers at ${address}`,
    });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('gives up on a listener that never answers after the connect timeout', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await expect(connect(address, { connectTimeoutMs: 200 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `no node answers at ${address} within 200 ms`,
    });
    silent.close();
  });

  it('reports a node that goes away during a call as UNAVAILABLE', async () => {
    const reached = Promise.withResolvers<void>();
    const never = Promise.withResolvers<never>();
    const node = await startFakeNode({
      applications: {
        listApplications: () => {
          reached.resolve();
          return never.promise;
        },
      },
    });
    await using client = await connect(node.address);
    const listing = client.list();
    await reached.promise;
    await node[Symbol.asyncDispose]();
    await expect(listing).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(node.address),
    });
  });
});

async function closedPort(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}
