/** What a guest in Python finds of the host, and what it can do to the node: nothing, and nothing that lasts. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, connect as connectSocket } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { builtFixture } from '../support/built-actors.ts';
import { plexspaces } from '../support/command-line.ts';
import type { Daemon } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const MIB = 1024 * 1024;
const MEMORY_LIMIT_BYTES = 64 * MIB;
/** A million lines take about 20 s. */
const PATIENCE_MS = 120_000;
const NEIGHBOUR_INTERVAL_MS = 50;

let daemon: Daemon;
let client: PlexSpacesClient;
let component: Buffer;

beforeAll(async () => {
  daemon = await startFreshDaemon({ env: { HOST_SECRET: 'of the host' } });
  client = await daemon.connect();
  component = await readFile(await builtFixture('probe'));
  const workers = { min: 1, max: 2 };
  const patient = { kind: 'service', workers, limits: { callMs: PATIENCE_MS } } as const;
  await client.deploy({ name: 'probe', version: '1.0.0', component, manifest: patient });
  const limits = { memoryBytes: MEMORY_LIMIT_BYTES };
  const small = { kind: 'service', workers: { min: 1, max: 1 }, limits } as const;
  await client.deploy({ name: 'small', version: '1.0.0', component, manifest: small, env: { GREETING: 'hello' } });
  const echo = await readFile(ECHO_FILE);
  await client.deploy({ name: 'neighbour', version: '1.0.0', component: echo, manifest: { kind: 'service' } });
});

afterAll(async () => {
  client.close();
  await daemon.kill();
});

describe('a guest that looks around', () => {
  it("finds no environment but the application's own", async () => {
    expect(await readFile(`/proc/${daemon.pid}/environ`, 'utf8')).toContain('HOST_SECRET=of the host');
    await expect(client.invoke('probe', 'environ')).resolves.toEqual({ environ: [] });
    await expect(client.invoke('small', 'environ')).resolves.toEqual({ environ: [['GREETING', 'hello']] });
  });

  it('finds no files', async () => {
    const path = join(await makeScratchDirectory(), 'of-the-host');
    await writeFile(path, 'readable');
    await expect(client.invoke('probe', 'list_root')).resolves.not.toMatchObject({ entries: [expect.anything()] });
    for (const file of [path, '/etc/passwd', '/proc/self/environ', `/proc/${daemon.pid}/environ`, '../../etc/passwd']) {
      const answer = await client.invoke('probe', 'open_file', { path: file });
      expect({ file, answer }).toEqual({
        file,
        answer: expect.objectContaining({ exception: expect.stringMatching(/Error$/) }),
      });
    }
    expect(await readFile(path, 'utf8')).toBe('readable');
  });

  it('leaves no files', async () => {
    const path = join(await makeScratchDirectory(), 'from-the-guest');
    const answer = await client.invoke('probe', 'write_file', { path });
    expect(answer).toMatchObject({ exception: expect.stringMatching(/Error$/) });
    expect(existsSync(path)).toBe(false);
  });

  it('reaches no socket', async () => {
    const { server, port, connections } = await listen();
    const answer = await client.invoke('probe', 'socket', { port });
    expect(answer).toMatchObject({ exception: expect.stringMatching(/Error$/) });
    expect(connections()).toBe(0);
    // The control: the socket is there for whoever may.
    const socket = connectSocket(port, '127.0.0.1');
    await once(server, 'connection');
    expect(connections()).toBe(1);
    socket.destroy();
    server.close();
  });

  it('has a clock and randomness, other ones in each message', async () => {
    const first = (await client.invoke('probe', 'time_and_random')) as Record<string, unknown>;
    const second = (await client.invoke('probe', 'time_and_random')) as Record<string, unknown>;
    for (const name of ['time', 'now', 'random', 'uuid1', 'uuid4', 'token', 'urandom']) {
      expect([name, first[name]]).not.toEqual([name, second[name]]);
    }
    expect(Math.abs(Number(second['time']) * 1000 - Date.now())).toBeLessThan(5_000);
  });
});

describe('a guest that prints a million lines', () => {
  it('keeps nobody else waiting, and fills neither the log nor the memory', async () => {
    const before = { log: daemon.log.length, rssBytes: daemon.rssBytes() };
    const startedAt = performance.now();
    const spam = client.call('probe', 'spam', { lines: 1_000_000 }, { deadlineMs: PATIENCE_MS });
    const [{ value }, slowestMs] = await Promise.all([spam, slowestNeighbourMs(spam)]);
    expect(value).toEqual({ lines: 1_000_000 });
    const seconds = (performance.now() - startedAt) / 1000;
    const logged = daemon.log.slice(before.log);
    expect(slowestMs).toBeLessThan(2_000);
    expect(logged).toContain('line 0 of 1000000');
    expect(logged).toContain('droppedBytes');
    // 64 KiB a second and a first burst of as much, in lines whose JSON is a few times their text.
    expect(logged.length).toBeLessThan((seconds + 2) * 65_536 * 8);
    expect(daemon.rssBytes()).toBeLessThan(before.rssBytes + 200 * MIB);
  });
});

describe('a guest that does not come back', () => {
  it('sleeps for as long as it says', async () => {
    const startedAt = performance.now();
    const { slept } = (await client.invoke('probe', 'sleep', { seconds: 0.3 })) as { slept: number };
    expect(slept).toBeGreaterThanOrEqual(0.3);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(299);
  });

  it.each([
    ['an endless loop', 'loop', {}],
    ['a sleep past the deadline', 'sleep', { seconds: 60 }],
  ])('%s ends at the deadline; the thread is replaced and the next call works', async (_what, method, input) => {
    const { replaced } = await client.pool('probe');
    const late = await plexspaces(
      ['invoke', 'probe', method, JSON.stringify(input), '--deadline-ms', '700', '--json'],
      { node: daemon.grpc },
    );
    expect(late.code).toBe(1);
    expect(JSON.parse(late.stdout)).toMatchObject({ success: false, error: { code: 'DEADLINE_EXCEEDED' } });
    await vi.waitFor(async () => expect((await client.pool('probe')).replaced).toBe(replaced + 1), { timeout: 10_000 });
    await expect(client.invoke('probe', 'echo', { value: 1 })).resolves.toMatchObject({ value: 1 });
  });
});

describe('a guest that fails', () => {
  it("three frames deep: the caller gets the exception's words", async () => {
    await expect(client.invoke('probe', 'boom')).rejects.toMatchObject({
      code: 'EXECUTION_ERROR',
      message: expect.stringMatching(/^ValueError: boom from the third frame.*third_frame/),
    });
  });

  it.each([
    ['recurse', /^RESOURCE_EXHAUSTED STACK_OVERFLOW$/],
    ['exit', /^INTERNAL GUEST_EXIT$/],
    ['exhaust', /^RESOURCE_EXHAUSTED MEMORY_LIMIT$/],
  ])('%s gets an error, and the next call works', async (method, expected) => {
    const outcome = await client.invoke('small', method).catch((error: { code: string; reason?: string }) => error);
    const { code, reason, exception } = outcome as { code: string; reason?: string; exception?: string };
    expect(exception === 'RecursionError' ? 'RESOURCE_EXHAUSTED STACK_OVERFLOW' : `${code} ${reason}`).toMatch(
      expected,
    );
    await expect(client.invoke('small', 'echo', { value: method })).resolves.toMatchObject({ value: method });
  });

  it('for want of memory is told so at the limit, below which there is memory', async () => {
    const rssBytes = daemon.rssBytes();
    const tooMuch = await client.invoke('small', 'allocate', { bytes: MEMORY_LIMIT_BYTES });
    expect(tooMuch).toMatchObject({ exception: 'MemoryError' });
    const enough = await client.invoke('small', 'allocate', { bytes: MEMORY_LIMIT_BYTES / 4 });
    expect(enough).toEqual({ allocated: MEMORY_LIMIT_BYTES / 4 });
    expect(daemon.rssBytes()).toBeLessThan(rssBytes + 2 * MEMORY_LIMIT_BYTES);
    // The control: with the default limit the same amount is there.
    const roomy = await client.invoke('probe', 'allocate', { bytes: MEMORY_LIMIT_BYTES });
    expect(roomy).toEqual({ allocated: MEMORY_LIMIT_BYTES });
  });

  it('leaves the node as it was', async () => {
    const list = await client.list();
    expect(list.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
      'neighbour RUNNING',
      'probe RUNNING',
      'small RUNNING',
    ]);
    expect(daemon.isRunning).toBe(true);
    expect(daemon.stdout.split('\n')).toHaveLength(2);
  });
});

/** A call every so often, until `work` has ended. */
async function slowestNeighbourMs(work: Promise<unknown>): Promise<number> {
  const ended = new AbortController();
  work.finally(() => ended.abort()).catch(() => undefined);
  let slowestMs = 0;
  for (let calls = 0; !ended.signal.aborted; calls += 1) {
    const startedAt = performance.now();
    await client.invoke('neighbour', 'echo', { calls });
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    await Promise.race([work, setTimeout(NEIGHBOUR_INTERVAL_MS)]);
  }
  expect(slowestMs).toBeGreaterThan(0);
  return slowestMs;
}

async function listen(): Promise<{ server: Server; port: number; connections: () => number }> {
  let count = 0;
  const server = createServer(() => (count += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, connections: () => count };
}
