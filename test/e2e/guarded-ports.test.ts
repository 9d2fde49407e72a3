/**
 * A node with credentials, from outside: without them nothing but health answers, on either port; with them what they
 * allow. Control: the same questions to a node without credentials.
 */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@plexspaces/client';
import {
  ActorServiceDefinition,
  ApplicationServiceDefinition,
  DescriptionServiceDefinition,
  ModuleServiceDefinition,
  PoolServiceDefinition,
  TupleSpaceServiceDefinition,
} from '@plexspaces/proto';
import { createChannel, createClient, Metadata } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { ServerReflectionService } from 'nice-grpc-server-reflection';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority, readPair } from '../support/certificates.ts';
import type { Pair, PemPair } from '../support/certificates.ts';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import type { Result } from '../support/command-line.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import type { Daemon } from '../support/daemon.ts';
import { startDaemon, startFreshDaemon } from '../support/daemon.ts';
import { http, post } from '../support/http.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const OPERATOR = 'operator-0123456789abcdef';
const CALLER = 'caller-0123456789abcdef';
const LATER = 'later-0123456789abcdef';
const ENTRIES = [
  { name: 'operator', token: OPERATOR, allow: ['deploy', 'invoke', 'tuples'] },
  { name: 'caller', token: CALLER, allow: ['invoke'] },
];
const UNAUTHENTICATED = 16;
const SERVICES = [
  ApplicationServiceDefinition,
  ActorServiceDefinition,
  TupleSpaceServiceDefinition,
  ModuleServiceDefinition,
  PoolServiceDefinition,
  DescriptionServiceDefinition,
];

let guarded: Daemon;
let open: Daemon;
let tokens: string;

beforeAll(async () => {
  tokens = await tokensFile(ENTRIES);
  guarded = await startFreshDaemon({ args: ['--tokens', tokens] });
  open = await startFreshDaemon();
  const options = { node: guarded.grpc, env: { PLEXSPACES_TOKEN: OPERATOR } };
  await plexspacesJson(['deploy', ECHO_FILE, '--name', 'echo', '--kind', 'service'], options);
});

afterAll(async () => {
  await guarded.kill();
  await open.kill();
});

describe.each([
  ['no token', undefined],
  ['a wrong token', `Bearer ${OPERATOR}x`],
  ['another scheme', `Basic ${OPERATOR}`],
  ['an empty token', 'Bearer '],
  ['the name of a caller', 'operator'],
])('with %s', (_what, authorization) => {
  it('no method of any service answers over gRPC', async () => {
    const statuses = await statusesOf(guarded.grpc, authorization);
    expect(statuses.length).toBeGreaterThan(25);
    for (const [method, status] of statuses) expect([method, status]).toEqual([method, UNAUTHENTICATED]);
  });

  it('no route answers over HTTP', async () => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    for (const [method, path] of await routes()) {
      const answer = await http(guarded.http, path, { method, headers: { 'x-plexspaces': '1', ...headers } });
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect(answer).toMatchObject({ headers: { 'www-authenticate': 'Bearer' }, json: { code: 'UNAUTHENTICATED' } });
    }
  });

  it('health answers', async () => {
    expect(await http(guarded.http, '/healthz')).toMatchObject({ status: 200, json: { status: 'serving' } });
    const channel = createChannel(guarded.grpc);
    expect(await createClient(HealthDefinition, channel).check({ service: '' })).toMatchObject({ status: 1 });
    channel.close();
  });
});

it('no client brings along what the node notes of those that it knows', async () => {
  const token = hash('sha256', OPERATOR);
  for (const handle of [`token ${token}`, 'any certificate']) {
    const channel = createChannel(guarded.grpc);
    const metadata = new Metadata().set('plexspaces-caller', handle);
    const asked = createClient(ApplicationServiceDefinition, channel).listApplications({}, { metadata });
    await expect(asked).rejects.toMatchObject({ code: UNAUTHENTICATED });
    channel.close();
  }
});

it('control: without credentials the same questions are answered', async () => {
  const refusals = (await statusesOf(open.grpc, undefined)).filter(([, status]) => status === UNAUTHENTICATED);
  expect(refusals).toEqual([]);
  for (const [method, path] of await routes()) {
    const answer = await http(open.http, path, { method, headers: { 'x-plexspaces': '1' } });
    expect([method, path, answer.status]).not.toEqual([method, path, 401]);
  }
});

describe('a token', () => {
  it('is told to the client, the command line and HTTP', async () => {
    await using client = await connect(guarded.grpc, { token: OPERATOR });
    expect((await client.list()).map(({ name }) => name)).toEqual(['echo']);
    expect(await command(['list', '--json', '--token', OPERATOR])).toMatchObject({ code: 0 });
    expect(await command(['list', '--json'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/UNAUTHENTICATED/),
    });
    const headers = { authorization: `bearer ${OPERATOR}` };
    expect(await http(guarded.http, '/api/v1/applications', { headers })).toMatchObject({ status: 200 });
    expect(await http(guarded.http, '/metrics', { headers })).toMatchObject({ status: 200 });
  });

  it('may do what its line in the file says', async () => {
    await using client = await connect(guarded.grpc, { token: CALLER });
    expect(await client.invoke('echo', 'echo', [1])).toEqual([1]);
    const denied = {
      code: 'PERMISSION_DENIED',
      message: expect.stringMatching(/allow (deploy|tuples), found .+ caller/),
    };
    await expect(client.tuples.count(['a'])).rejects.toMatchObject(denied);
    await expect(client.undeploy('echo')).rejects.toMatchObject(denied);
    await expect(client.checkpoint('echo')).rejects.toMatchObject(denied);
    await expect(client.tuples.watch(['a'])).rejects.toMatchObject(denied);
    await expect(client.tuples.stream().count(['a'])).rejects.toMatchObject(denied);
    const headers = { authorization: `Bearer ${CALLER}` };
    expect(await post(guarded.http, '/api/v1/services/echo/echo', [2], headers)).toMatchObject({
      status: 200,
      json: [2],
    });
    for (const path of ['/api/v1/tuples/count', '/api/v1/applications/echo/stop']) {
      const refused = await post(guarded.http, path, { pattern: ['a'] }, headers);
      expect(refused).toMatchObject({ status: 403, json: { code: 'PERMISSION_DENIED' } });
    }
  });

  it('without the right for an upload is told before it is sent', async () => {
    const headers = {
      authorization: `Bearer ${CALLER}`,
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': '1000',
    };
    const refused = await post(guarded.http, '/api/v1/applications/deploy', undefined, headers);
    expect(refused).toMatchObject({ status: 403, json: { code: 'PERMISSION_DENIED' } });
  });

  it('counts until the file is read again, and goes on if that fails', async () => {
    const as = async (token: string): Promise<number | null> => (await command(['list', '--token', token])).code;
    await writeFile(tokens, JSON.stringify({ tokens: [...ENTRIES, { token: LATER, allow: [] }] }));
    expect(await as(LATER)).toBe(1);
    guarded.signal('SIGHUP');
    await guarded.untilLogged(['credentials read again']);
    expect([await as(LATER), await as(OPERATOR)]).toEqual([0, 0]);
    await writeFile(tokens, '{"tokens":[{"token":"secret-secret-secret","allow":["all"]}]}');
    guarded.signal('SIGHUP');
    await guarded.untilLogged(['credentials are as they were']);
    expect([await as(LATER), await as(OPERATOR)]).toEqual([0, 0]);
    expect(guarded.log).not.toMatch(/secret|0123456789abcdef/);
  });
});

describe('certificates', () => {
  let authority: Authority;
  let server: Pair;
  let alice: Pair;
  let bob: Pair;
  let stranger: Pair;
  let tls: string[];
  const clientFlags = ({ cert, key }: Pair): string[] => [
    '--tls-ca',
    authority.cert,
    '--tls-cert',
    cert,
    '--tls-key',
    key,
  ];

  beforeAll(async () => {
    authority = await Authority.make();
    server = await authority.sign('node', 'IP:127.0.0.1');
    alice = await authority.sign('alice');
    bob = await authority.sign('whoever', 'DNS:bob.example');
    stranger = await (await Authority.make()).sign('alice');
    tls = ['--tls-cert', server.cert, '--tls-key', server.key];
  });

  it('that the authority signed may do everything, where no file names them', async () => {
    await using daemon = await startFreshDaemon({ args: [...tls, '--tls-ca', authority.cert] });
    const list = ['list', '--json', '--node', daemon.grpc];
    expect(await plexspaces([...list, ...clientFlags(alice)])).toMatchObject({ code: 0 });
    for (const flags of [[], ['--tls-ca', authority.cert], clientFlags(stranger)]) {
      expect(await plexspaces([...list, ...flags])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/UNAVAILABLE/),
      });
    }
    expect(await httpsStatus(daemon, await readPair(alice))).toBe(200);
    await expect(httpsStatus(daemon, await readPair(stranger))).rejects.toThrow(/alert|ECONNRESET|hang up/);
    await expect(httpsStatus(daemon, undefined)).rejects.toThrow(/alert|ECONNRESET|hang up/);
  });

  it('are known by their names where a file has them', async () => {
    const file = await tokensFile([
      { certificate: 'alice', allow: ['tuples'] },
      { certificate: 'bob.example', allow: ['deploy', 'invoke', 'tuples'] },
      { token: CALLER, allow: ['invoke'] },
    ]);
    const other = await authority.sign('nobody');
    await using daemon = await startFreshDaemon({ args: [...tls, '--tls-ca', authority.cert, '--tokens', file] });
    const code = async (args: string[], pair: Pair): Promise<unknown> => {
      const { stdout } = await plexspaces([...args, '--json', '--node', daemon.grpc, ...clientFlags(pair)]);
      return (JSON.parse(stdout) as { error?: { code: string } }).error?.code;
    };
    const deploy = ['deploy', ECHO_FILE, '--name', 'echo', '--kind', 'service'];
    expect(await code(['tuples', 'count', '["a"]'], alice)).toBeUndefined();
    expect(await code(deploy, alice)).toBe('PERMISSION_DENIED');
    expect(await code(deploy, bob)).toBeUndefined();
    expect(await code(['list'], other)).toBe('UNAUTHENTICATED');
    // A token decides alone.
    expect(await code(['list', '--token', CALLER], other)).toBeUndefined();
    expect(await code(deploy, bob)).toBeUndefined();
    expect(await code([...deploy, '--token', CALLER], bob)).toBe('PERMISSION_DENIED');
    expect(await code(['list', '--token', 'wrong-wrong-wrong-wrong'], bob)).toBe('UNAUTHENTICATED');
    expect(await httpsStatus(daemon, await readPair(alice))).toBe(200);
    expect(await httpsStatus(daemon, await readPair(other))).toBe(401);
  });

  it('are not asked for without an authority; tokens then travel encrypted', async () => {
    await using daemon = await startFreshDaemon({ args: [...tls, '--tokens', await tokensFile(ENTRIES)] });
    const list = ['list', '--node', daemon.grpc, '--token', OPERATOR];
    expect(await plexspaces([...list, '--tls-ca', authority.cert])).toMatchObject({ code: 0 });
    expect(await plexspaces(list)).toMatchObject({ code: 1 });
    expect(await plexspaces([...list, '--tls'])).toMatchObject({ code: 1 }); // nobody knows the authority
    expect(await httpsStatus(daemon, undefined)).toBe(401);
  });

  async function httpsStatus(daemon: Daemon, pair: PemPair | undefined): Promise<number | undefined> {
    const ca = await readFile(authority.cert);
    return (await http(daemon.http, '/api/v1/applications', { tls: { ca, ...pair } })).status;
  }
});

describe('an address that others can reach', () => {
  const everywhere = ['--grpc', '0.0.0.0:0', '--http', '0.0.0.0:0'];

  it('is bound with credentials that nobody overhears, or by leave', async () => {
    const authority = await Authority.make();
    const { cert, key } = await authority.sign('node', 'IP:127.0.0.1');
    const tls = ['--tls-cert', cert, '--tls-key', key];
    const file = ['--tokens', await tokensFile(ENTRIES)];
    expect(await refusal(everywhere)).toMatch(
      /FAILED_PRECONDITION: 0\.0\.0\.0:0: expected a loopback address, or cred/,
    );
    expect(await refusal([...everywhere, ...file])).toMatch(/FAILED_PRECONDITION: .+ expected TLS/);
    expect(await refusal([...everywhere, ...tls])).toMatch(/FAILED_PRECONDITION: .+ expected a loopback address/);
    expect(await refusal([...everywhere, '--tokens-in-clear'])).toMatch(/FAILED_PRECONDITION/);
    for (const args of [
      [...file, '--tokens-in-clear'],
      [...file, ...tls],
      [...tls, '--tls-ca', authority.cert],
    ]) {
      await using daemon = await startFreshDaemon({ args: [...everywhere, ...args] });
      expect(daemon.isRunning).toBe(true);
    }
  });

  it('is answered under the names that the node was given, and no other', async () => {
    const args = [
      ...everywhere,
      '--tokens',
      await tokensFile(ENTRIES),
      '--tokens-in-clear',
      '--http-hosts',
      'a.example, B.example',
    ];
    await using daemon = await startFreshDaemon({ args });
    const port = daemon.http.split(':').at(-1) ?? '';
    const status = async (host: string): Promise<unknown> =>
      (await http(`127.0.0.1:${port}`, '/healthz', { headers: { host } })).status;
    expect(await Promise.all(['a.example', 'b.example:80', 'localhost', 'c.example'].map(status))).toEqual([
      200, 200, 200, 403,
    ]);
  });
});

describe('a file of credentials', () => {
  it('that others may read is refused', async () => {
    const file = await tokensFile(ENTRIES);
    await chmod(file, 0o640);
    expect(await refusal(['--tokens', file])).toMatch(/FAILED_PRECONDITION: .+mode 0600\), found mode 0640/);
  });

  it('that is missing, or half of what TLS needs, is refused', async () => {
    expect(await refusal(['--tokens', '/nowhere/tokens.json'])).toMatch(/NOT_FOUND: tokens: /);
    expect(await refusal(['--tls-cert', '/nowhere/cert.pem'])).toMatch(
      /INVALID_ARGUMENT: tls: expected --tls-cert and --tls-key/,
    );
  });
});

async function tokensFile(entries: readonly object[]): Promise<string> {
  const path = join(await makeScratchDirectory(), 'tokens.json');
  await writeFile(path, JSON.stringify({ tokens: entries }), { mode: 0o600 });
  return path;
}

/** What a node that does not start says. */
async function refusal(args: readonly string[]): Promise<string> {
  const started = startDaemon(await makeScratchDirectory(), { args });
  return started.then(
    async (daemon) => {
      await daemon.kill();
      return 'it started';
    },
    (error: unknown) => String(error),
  );
}

function command(args: readonly string[]): Promise<Result> {
  return plexspaces(args, { node: guarded.grpc });
}

/** Every method of every service, asked with an empty message. */
async function statusesOf(
  address: string,
  authorization: string | undefined,
): Promise<[method: string, status: unknown][]> {
  const channel = createChannel(address);
  const metadata = new Metadata(authorization === undefined ? {} : { authorization });
  const signal = AbortSignal.timeout(60_000);
  const statuses: [string, unknown][] = [];
  const asked = SERVICES.map((definition) => [definition, Object.entries(definition.methods)] as const);
  for (const [definition, methods] of [
    ...asked,
    [ServerReflectionService, Object.entries(ServerReflectionService)] as const,
  ]) {
    const client = createClient(definition, channel) as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const [name, { requestStream }] of methods) {
      const answer = client[name]?.(requestStream ? emptyStream() : {}, { metadata, signal });
      statuses.push([name, await statusOf(answer)]);
    }
  }
  channel.close();
  return statuses;
}

async function* emptyStream(): AsyncGenerator<never> {
  // Nothing is sent: what is refused is refused before it.
}

async function statusOf(answer: unknown): Promise<unknown> {
  try {
    if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer) {
      const items = (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      const first = items.next();
      first.catch(() => undefined);
      // A subscription that is let in says nothing for as long as it likes.
      await Promise.race([first, once(AbortSignal.timeout(1_000), 'abort')]);
    } else await answer;
    return 0;
  } catch (thrown) {
    return (thrown as { code?: unknown }).code;
  }
}

/** Those of the description, and what is beside it. */
async function routes(): Promise<[method: string, path: string][]> {
  const headers = { authorization: `Bearer ${OPERATOR}` };
  const { json } = await http(guarded.http, '/api/v1/openapi.json', { headers });
  const { paths } = json as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method): [string, string] => [method.toUpperCase(), path.replaceAll(/[{}]/g, '')]),
  );
  expect(described.length).toBeGreaterThan(15);
  return [
    ...described,
    ['GET', '/metrics'],
    ['GET', '/'],
    ['POST', '/healthz'],
    ['GET', '/healthz/more'],
    ['GET', '/%zz'],
  ];
}
