import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationStatus, CacheResult } from '@plexspaces/proto';
import type { DeployApplicationRequest, TupleMessage } from '@plexspaces/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeNode } from '../client/fake-node.ts';
import { BIN, runCommand, runHere } from './run-command.ts';

const ONE_LINE = /^plexspaces: [A-Z_]+: [^\n]+\n$/;
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plexspaces-cli-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe('a mistake on the command line', { timeout: 60_000 }, () => {
  it.each([
    [['bogus'], "unknown command 'bogus'"],
    [['invoke'], "missing required argument 'actor'"],
    [['list', 'extra'], 'too many arguments'],
    [['list', '--nope'], "unknown option '--nope'"],
    [['tuples', 'eat', '[]'], 'Allowed choices are write, renew, read, take, read-all, count, cas, watch'],
    [['deploy', '.', '--min', '0'], 'Expected an integer of 1-256'],
    [['deploy', '.', '--kind', 'other'], 'Allowed choices are durable, service, singleton'],
  ])('%j ends in exit code 2 and one line', async (args, message) => {
    const { code, stdout, stderr } = await runHere(args);
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('is the same in a process of its own, and a document with --json', async () => {
    const { code, stdout, stderr } = await runCommand(['invoke', '--json']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "plexspaces: INVALID_ARGUMENT: missing required argument 'actor'\n",
    });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } });
  });
});

describe('a failure', { timeout: 60_000 }, () => {
  it('is one line on stderr and exit code 1', async () => {
    expect(await runCommand(['list'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'plexspaces: UNAVAILABLE: no node answers at 127.0.0.1:1\n',
    });
  });

  it('is a document on stdout with --json', async () => {
    const { code, stdout } = await runCommand(['status', 'a', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'UNAVAILABLE', message: 'no node answers at 127.0.0.1:1', details: {} },
    });
  });

  it.each([
    [['invoke', 'a', 'b', '{bad'], 'payload: expected JSON'],
    [['tuples', 'write', '{}'], '$: expected a JSON array'],
    [['tuples', 'count', '[{"?":"x"}]'], '$[0]: expected "any" or one of'],
    [['tuples', 'count', '[]', '--wait-ms', '5'], '--wait-ms: expected with read or take, found with count'],
    [['tuples', 'read', '[]', '--ttl-ms', '5'], '--ttl-ms: expected with write or renew, found with read'],
    [['tuples', 'read', '[]', '--idempotency-key', 'k'], '--idempotency-key: expected with write or take'],
    [['tuples', 'write', '[]', '[]'], 'tuples write: expected TUPLE, found 2 arguments'],
    [['tuples', 'cas', '[]', '[]'], 'tuples cas: expected PATTERN EXPECTED REPLACEMENT, found 2 arguments'],
    [['tuples', 'cas', '[]', '[{"?":"any"}]', '[]'], '$[0]: expected a string, number'],
    [['tuples', 'renew', '1'], 'tuples renew: expected --ttl-ms, found none'],
    [['tuples', 'renew', '18446744073709551616', '--ttl-ms', '1'], 'lease: expected the number that write gave'],
    [['list', '--node', 'nowhere'], 'node address: expected HOST:PORT'],
  ])('%j is found before a node is needed', async (args, message) => {
    const { code, stderr } = await runHere(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain(`INVALID_ARGUMENT: ${message}`);
  });

  it('of reading an application names the file', async () => {
    const nothing = await runHere(['deploy', join(directory, 'none')]);
    expect(nothing.stderr).toContain('NOT_FOUND');
    await writeFile(join(directory, 'plexspaces.json'), '{"name":"calculator","version":"1.0.0"}');
    const unbuilt = await runHere(['deploy', directory]);
    expect(unbuilt.stderr).toContain(join(directory, 'dist', 'calculator.wasm'));
    expect(unbuilt.stderr).toContain(`plexspaces build ${directory}`);
    await writeFile(join(directory, 'plexspaces.json'), '{"name":"calculator","version":"1.0.0","sevice":"x"}');
    const mistyped = await runHere(['deploy', directory]);
    expect(mistyped.stderr).toContain('unknown key "sevice"');
    for (const { code, stderr } of [nothing, unbuilt, mistyped]) {
      expect(code).toBe(1);
      expect(stderr).toMatch(ONE_LINE);
    }
  });
});

describe('a command', { timeout: 60_000 }, () => {
  it('invoke prints the reply as the guest wrote it, and {} is sent where nothing is given', async () => {
    await using node = await startFakeNode({
      actors: {
        invoke: async ({ input }) => ({ success: true, output: Buffer.from(`{"got": ${text(input)}, "mean": 6.0}`) }),
      },
    });
    const plain = await runCommand(['invoke', 'demo.A.v1', 'mean', '--node', node.address]);
    expect(plain).toEqual({ code: 0, stdout: '{"got": {}, "mean": 6.0}\n', stderr: '' });
    const json = await runCommand(['invoke', '--json', 'demo.A.v1', 'mean', '[1]'], { PLEXSPACES_NODE: node.address });
    expect(json.stdout).toContain('"output":{"got": [1], "mean": 6.0}');
    expect(JSON.parse(json.stdout)).toMatchObject({ success: true, error: null, durationMs: expect.any(Number) });
  });

  it("invoke ends in exit code 1 with the guest's own no", async () => {
    await using node = await startFakeNode({
      actors: { invoke: async () => ({ success: false, error: { code: 'EXECUTION_ERROR', message: 'by\nzero' } }) },
    });
    const { code, stdout, stderr } = await runCommand(['invoke', 'a', 'divide', '--json', '--node', node.address]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'plexspaces: EXECUTION_ERROR: by zero\n' });
    expect(JSON.parse(stdout)).toMatchObject({
      success: false,
      output: null,
      error: { code: 'EXECUTION_ERROR', message: 'by\nzero' },
    });
  });

  it('deploy sends what the directory and the options say', async () => {
    const deploys: DeployApplicationRequest[] = [];
    await using node = await startFakeNode({
      modules: { hasModule: async () => ({ present: true }) },
      applications: {
        deployApplication: async (request) => {
          deploys.push(request);
          return {
            success: true,
            applicationId: 'calculator',
            status: ApplicationStatus.APPLICATION_STATUS_RUNNING,
            cache: CacheResult.CACHE_RESULT_HIT,
          };
        },
      },
    });
    const config = { name: 'calculator', version: '1.2.0', component: 'c.wasm', env: { A: 'b' }, workers: { min: 2 } };
    await writeFile(join(directory, 'plexspaces.json'), JSON.stringify(config));
    await writeFile(join(directory, 'c.wasm'), Uint8Array.of(0, 1, 2));
    const args = ['deploy', directory, '--max', '4', '--kind', 'service', '--json', '--node', node.address];
    const { code, stdout, stderr } = await runCommand(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      applicationId: 'calculator',
      name: 'calculator',
      version: '1.2.0',
      status: 'RUNNING',
      moduleHash: 'ae4b3280e56e2faf83f414a6e3dabe9d5fbe18976544c05fed121accb85b53fc',
      cache: 'hit',
      elapsedMs: 0,
    });
    expect(deploys).toMatchObject([
      { applicationId: 'calculator', config: { env: { A: 'b' } }, manifest: { workers: { min: 2, max: 4 } } },
    ]);
  });

  it('deploy of an application that ends up FAILED is a failure', async () => {
    await using node = await startFakeNode({
      modules: { hasModule: async () => ({ present: true }) },
      applications: {
        deployApplication: async () => ({ success: true, status: ApplicationStatus.APPLICATION_STATUS_FAILED }),
      },
    });
    await writeFile(join(directory, 'alone.wasm'), Uint8Array.of(0));
    const { code, stdout } = await runCommand(['deploy', join(directory, 'alone.wasm'), '--node', node.address]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('tuples keeps ints and floats apart', async () => {
    let held: TupleMessage | undefined;
    await using node = await startFakeNode({
      tuples: {
        write: async ({ tuple }) => {
          held = tuple;
          return {};
        },
        read: async () => ({ ...(held && { tuple: held }) }),
        take: async () => ({}),
        count: async () => ({ count: 3n }),
      },
    });
    const tuples = (...args: string[]) => runCommand(['tuples', ...args, '--node', node.address]);
    expect(await tuples('write', '["a",6,6.0,9223372036854775807]')).toMatchObject({ code: 0, stdout: 'written\n' });
    expect((await tuples('read', '[{"?":"any"}]', '--json')).stdout).toBe(
      '{"tuple":["a",6,{"float":6},{"int":"9223372036854775807"}]}\n',
    );
    expect(await tuples('take', '[]', '--json')).toEqual({ code: 0, stdout: '{"tuple":null}\n', stderr: '' });
    expect((await tuples('count', '[]', '--json')).stdout).toBe('{"count":3}\n');
  });

  it('keeps its process, so that a signal to it ends it', async () => {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
    const connected = once(listener, 'connection') as Promise<[Socket]>;
    const child = spawn(process.execPath, [BIN, 'list', '--node', address], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    const [socket] = await connected;
    const closed = once(socket.on('error', () => undefined).resume(), 'close');
    const killed = performance.now();
    child.kill('SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
    await closed;
    // A child of the process that was ended would hold the connection until its connect timeout of 5 s.
    expect(performance.now() - killed).toBeLessThan(3_000);
    listener.close();
  });
});

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
