/** How a node begins and ends: what it refuses to start on, and what SIGTERM lets finish. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import type { Result } from '../support/command-line.ts';
import { ECHO_FILE, sleepPayload } from '../support/component-files.ts';
import type { Daemon } from '../support/daemon.ts';
import { startDaemon, startFreshDaemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const FREE_PORTS = ['--grpc', '127.0.0.1:0', '--http', '127.0.0.1:0'];
/** Long enough for a shutdown to begin while it runs. */
const SLEEP_MS = 1_500;

describe('a node that cannot start', () => {
  let running: Daemon;

  beforeAll(async () => {
    running = await startFreshDaemon();
  });

  afterAll(async () => {
    await running.kill();
  });

  it('names a data directory that another one uses, which goes on', async () => {
    expect(await serve(['--data', running.dataDirectory, ...FREE_PORTS])).toEqual(
      refusal('FAILED_PRECONDITION', running.dataDirectory),
    );
    await expect(plexspacesJson(['list'], { node: running.grpc })).resolves.toEqual({ applications: [] });
  });

  it.each(['--grpc', '--http'])('names the address of a busy port (%s)', async (option) => {
    const data = await makeScratchDirectory();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await serve(['--data', data, ...FREE_PORTS, option, address])).toEqual(refusal('UNAVAILABLE', address));
    server.close();
    await once(server, 'close');
    // The control: the port was all that was wrong.
    await using daemon = await startDaemon(data, { args: [option, address] });
    expect([daemon.grpc, daemon.http]).toContain(address);
  });

  it('names a data directory that cannot be made', async () => {
    const file = join(await makeScratchDirectory(), 'file');
    await writeFile(file, '');
    const data = join(file, 'data');
    expect(await serve(['--data', data, ...FREE_PORTS])).toEqual(refusal('PERMISSION_DENIED', data));
  });

  it.each(['0.0.0.0:0', '[::]:0', '192.0.2.1:0'])('names an address that others can reach: %s', async (address) => {
    const data = await makeScratchDirectory();
    for (const option of ['--grpc', '--http']) {
      expect(await serve(['--data', data, ...FREE_PORTS, option, address])).toEqual(
        refusal('FAILED_PRECONDITION', address),
      );
    }
  });

  it.each<[what: string, args: string[], code: string, names: string]>([
    ['an address without a port', ['--grpc', '127.0.0.1'], 'INVALID_ARGUMENT', '127.0.0.1'],
    ['a port that is none', ['--grpc', '127.0.0.1:99999'], 'INVALID_ARGUMENT', '127.0.0.1:99999'],
    ['a configuration file that is not there', ['--config', '/nonexistent.json'], 'NOT_FOUND', '/nonexistent.json'],
  ])('names %s', async (_what, args, code, names) => {
    expect(await serve(['--data', await makeScratchDirectory(), ...FREE_PORTS, ...args])).toEqual(refusal(code, names));
  });

  it.each([
    ['{', /expected JSON/],
    ['{"grcp":"127.0.0.1:0"}', /unknown key "grcp"/],
    ['{"grpc":8000}', /expected a string, found number/],
    ['[]', /expected a JSON object/],
  ])('says what is wrong with the configuration %s', async (text, message) => {
    const file = join(await makeScratchDirectory(), 'serve.json');
    await writeFile(file, text);
    const refused = await serve(['--config', file]);
    expect(refused).toEqual(refusal('INVALID_ARGUMENT', file));
    expect(refused.stderr).toMatch(message);
  });

  it('does not know an option', async () => {
    const refused = await plexspaces(['serve', '--dta', 'x']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^plexspaces: INVALID_ARGUMENT: unknown option '--dta'[^\n]*\n$/);
  });
});

describe('a node that starts', () => {
  it('keeps its directory to itself, and takes its settings from a file', async () => {
    const data = join(await makeScratchDirectory(), 'made', 'here');
    const file = join(await makeScratchDirectory(), 'serve.json');
    await writeFile(file, JSON.stringify({ id: 'from-the-file' }));
    await using daemon = await startDaemon(data, { args: ['--config', file] });
    expect(statSync(data).mode & 0o777).toBe(0o700);
    await using client = await daemon.connect();
    await client.deploy({ name: 'echo', version: '1', component: await readFile(ECHO_FILE) });
    await vi.waitFor(() => expect(daemon.log).toContain('"node":"from-the-file"'));
  });
});

describe.each(['service', 'durable', 'singleton'] as const)('SIGTERM while a %s is called', (kind) => {
  it('lets the call finish, takes no new one, and exits with 0', async () => {
    await using daemon = await startFreshDaemon();
    await using client = await daemon.connect();
    const component = await readFile(ECHO_FILE);
    await client.deploy({ name: 'echo', version: '1', component, manifest: { kind, workers: { min: 1, max: 1 } } });
    await expect(client.invoke('echo', 'sleep', sleepPayload(1))).resolves.toBeDefined();
    const sentAt = performance.now();
    const running = client.call('echo', 'sleep', sleepPayload(SLEEP_MS));
    await vi.waitFor(async () => expect((await client.pool('echo')).active).toBe(1), { interval: 10 });
    daemon.signal('SIGTERM');
    await vi.waitFor(() => expect(daemon.log).toContain('shutting down'), { interval: 10 });
    await expect(client.invoke('echo', 'echo', 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - sentAt).toBeLessThan(SLEEP_MS);
    await expect(running).resolves.toBeDefined();
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(SLEEP_MS);
    await expect(daemon.exited).resolves.toEqual({ code: 0, signal: null });
    expect(daemon.stdout.split('\n')).toHaveLength(2);
  });
});

describe('applications over a restart', () => {
  it('run again, except those that were stopped, and are gone where they were undeployed', async () => {
    const first = await startFreshDaemon();
    const node = { node: first.grpc };
    for (const name of ['runs', 'stopped', 'gone', 'again'])
      await plexspacesJson(['deploy', ECHO_FILE, '--name', name], node);
    for (const name of ['stopped', 'again']) await plexspacesJson(['stop', name], node);
    await plexspacesJson(['start', 'again'], node);
    await plexspacesJson(['undeploy', 'gone'], node);
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    await using second = await startDaemon(first.dataDirectory);
    await using client = await second.connect();
    await expect(client.invoke('runs', 'echo', 1)).resolves.toBe(1);
    await expect(client.invoke('again', 'echo', 1)).resolves.toBe(1);
    const list = await client.list();
    expect(list.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
      'again RUNNING',
      'runs RUNNING',
      'stopped STOPPED',
    ]);
    await expect(client.invoke('stopped', 'echo', 1)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it('a deploy of a stopped application starts it, and it runs after a restart too', async () => {
    const first = await startFreshDaemon();
    const node = { node: first.grpc };
    await plexspacesJson(['deploy', ECHO_FILE, '--name', 'echo'], node);
    await plexspacesJson(['stop', 'echo'], node);
    await expect(plexspacesJson(['deploy', ECHO_FILE, '--name', 'echo'], node)).resolves.toMatchObject({
      status: 'RUNNING',
    });
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    await using second = await startDaemon(first.dataDirectory);
    await using client = await second.connect();
    await expect(client.invoke('echo', 'echo', 1)).resolves.toBe(1);
  });
});

function serve(args: readonly string[]): Promise<Result> {
  return plexspaces(['serve', ...args]);
}

/** One line on stderr, which names what is wrong; nothing on stdout; exit code 1. */
function refusal(code: string, names: string): Result {
  const text = names.replaceAll(/[^\w ]/g, String.raw`\$&`);
  return { code: 1, stdout: '', stderr: expect.stringMatching(`^plexspaces: ${code}: [^\n]*${text}[^\n]*\n$`) };
}
