/** What is wrong gets one clear line, or a status of the closed set, and never a stack trace. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import { componentFile, ECHO_FILE } from '../support/component-files.ts';
import type { Daemon } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { openWire } from '../support/wire.ts';
import type { Message, Wire } from '../support/wire.ts';

const LINE = /^plexspaces: ([A-Z_]+): [^\n]+\n$/;
const CONTROL = /[^\P{Cc}\n]/u;
const CODES = 'INVALID_ARGUMENT NOT_FOUND FAILED_PRECONDITION UNIMPLEMENTED'.split(' ');
const NUMBERS = new Map([
  [3, 'INVALID_ARGUMENT'],
  [5, 'NOT_FOUND'],
  [9, 'FAILED_PRECONDITION'],
  [12, 'UNIMPLEMENTED'],
]);

let daemon: Daemon;
let wire: Wire;

beforeAll(async () => {
  daemon = await startFreshDaemon();
  wire = await openWire(daemon.grpc);
  await plexspacesJson(['deploy', ECHO_FILE, '--name', 'echo', '--kind', 'service'], { node: daemon.grpc });
});

afterAll(async () => {
  wire.close();
  await daemon.kill();
});

describe('a command line', () => {
  it.each<[line: string, code: string, names: string | RegExp]>([
    ['invoke echo echo {', 'INVALID_ARGUMENT', 'payload'],
    ['invoke nobody.Home.v1 add', 'NOT_FOUND', 'nobody.Home.v1'],
    ['invoke echo/key echo', 'INVALID_ARGUMENT', 'echo'],
    ['invoke 1echo echo', 'INVALID_ARGUMENT', '1echo'],
    ['invoke echo trap', 'INTERNAL', 'trapped'],
    ['invoke echo recurse', 'RESOURCE_EXHAUSTED', 'trapped'],
    ['invoke echo fail "x\\u0007\\ny"', 'EXECUTION_ERROR', 'no: '],
    ['invoke echo loop --deadline-ms 300', 'DEADLINE_EXCEEDED', '300'],
    ['invoke echo echo --idempotency-key k', 'FAILED_PRECONDITION', 'idempotency key'],
    ['status nobody', 'NOT_FOUND', 'nobody'],
    ['start nobody', 'NOT_FOUND', 'nobody'],
    ['stop nobody', 'NOT_FOUND', 'nobody'],
    ['undeploy nobody', 'NOT_FOUND', 'nobody'],
    ['pool nobody', 'NOT_FOUND', 'nobody'],
    ['pool a/b', 'INVALID_ARGUMENT', 'a/b'],
    ['undeploy a/b', 'INVALID_ARGUMENT', 'a/b'],
    ['tuples write {"a":1}', 'INVALID_ARGUMENT', 'array'],
    ['tuples write [1', 'INVALID_ARGUMENT', 'JSON'],
    ['tuples write [{"?":"any"}]', 'INVALID_ARGUMENT', '?'],
    ['tuples write [9223372036854775808]', 'INVALID_ARGUMENT', '9223372036854775808'],
    ['tuples write ["x"] --namespace a/b', 'INVALID_ARGUMENT', 'a/b'],
    ['tuples read [{"?":"number"}]', 'INVALID_ARGUMENT', 'number'],
    ['tuples read [[1]]', 'INVALID_ARGUMENT', /./],
    ['tuples take x', 'INVALID_ARGUMENT', 'JSON'],
    ['tuples count [{"??":"any"}]', 'INVALID_ARGUMENT', '??'],
    ['tuples count [1] --wait-ms 5', 'INVALID_ARGUMENT', '--wait-ms'],
    ['tuples read [1] --wait-ms 60001', 'INVALID_ARGUMENT', 'wait_ms'],
    ['tuples renew x --ttl-ms 5', 'INVALID_ARGUMENT', 'lease'],
    ['deploy nowhere', 'NOT_FOUND', 'nowhere'],
    ['deploy nowhere/app.wasm', 'NOT_FOUND', 'nowhere/app.wasm'],
    ['deploy . --name a/b', 'NOT_FOUND', 'plexspaces.json'],
    ['deploy ECHO --name a/b', 'INVALID_ARGUMENT', 'a/b'],
    ['deploy ECHO --name x --service not..an.id', 'INVALID_ARGUMENT', 'not..an.id'],
    ['deploy ECHO --name x --min 3 --max 2', 'INVALID_ARGUMENT', 'workers.max'],
    ['deploy ECHO --name x --kind singleton --max 2', 'INVALID_ARGUMENT', 'singleton'],
    ['deploy ECHO --name echo --kind durable', 'ALREADY_EXISTS', 'echo'],
    ['build nowhere', 'NOT_FOUND', 'nowhere'],
    ['build nowhere.py', 'NOT_FOUND', 'nowhere.py'],
    ['list --node nonsense', 'INVALID_ARGUMENT', 'nonsense'],
    ['list --node 127.0.0.1:0', 'INVALID_ARGUMENT', '127.0.0.1:0'],
    ['list --node 127.0.0.1:99999', 'INVALID_ARGUMENT', '127.0.0.1:99999'],
  ])('%s: %s', async (line, code, names) => {
    const refused = await plexspaces(split(line), { node: daemon.grpc, cwd: await makeScratchDirectory() });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(LINE);
    expect(LINE.exec(refused.stderr)?.[1]).toBe(code);
    expect(refused.stderr).toMatch(names);
    expect(refused.stderr).not.toMatch(/\s+at .+:\d+/);
    expect(refused.stderr).not.toMatch(CONTROL);
  });

  it.each([
    ['serv', /serv/],
    ['invoke', /actor/],
    ['invoke echo', /method/],
    ['invoke echo echo 1 2', /arguments/],
    ['invoke echo echo --deadline-ms 0', /--deadline-ms/],
    ['invoke echo echo --deadline-ms soon', /soon/],
    ['deploy', /app/],
    ['deploy ECHO --kind durable_', /durable_/],
    ['deploy ECHO --min 0', /--min/],
    ['deploy ECHO --max 257', /--max/],
    ['undeploy', /name/],
    ['status a b', /arguments/],
    ['list a', /arguments/],
    ['list --jsn', /--jsn/],
    ['list --node', /--node/],
    ['pool', /name/],
    ['build', /source/],
    ['tuples', /operation/],
    ['tuples write', /fields/],
    ['tuples drop [1]', /drop/],
    ['tuples read [1] --wait-ms -1', /--wait-ms/],
  ])('usage: %s', async (line, names) => {
    const refused = await plexspaces(split(line), { node: daemon.grpc });
    expect(refused.code).toBe(2);
    expect(refused.stdout + refused.stderr).toMatch(names);
    expect(refused.stderr).not.toMatch(/\s+at .+:\d+/);
    expect(refused.stderr).toMatch(LINE);
  });

  it.each([
    ['[', /JSON/],
    ['[]', /object/],
    ['{"version":"1.0.0"}', /name/],
    ['{"name":"x","version":"1.0.0","nmae":"y"}', /nmae/],
    ['{"name":"x","version":"1.0.0","workers":{"min":"2"}}', /workers/],
    ['{"name":"x","version":"1.0.0","kind":"stateful"}', /kind|stateful/],
    ['{"name":"x","version":"1.0.0"}', /dist\/x\.wasm/],
  ])('deploy of a directory with plexspaces.json %s', async (text, names) => {
    const directory = await makeScratchDirectory();
    await writeFile(join(directory, 'plexspaces.json'), text);
    const refused = await plexspaces(['deploy', directory], { node: daemon.grpc });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(LINE);
    expect(refused.stderr).toMatch(names);
  });

  it('with nothing on it shows what there is', async () => {
    const help = await plexspaces([]);
    expect(help.code).toBe(2);
    expect(help.stdout + help.stderr).toMatch(/Usage: plexspaces .*\n[^]*\n {2}invoke /);
  });

  it('without a node, or with another server in its place, ends in time', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const [quiet, absent] = await Promise.all([
      plexspaces(['list', '--node', `127.0.0.1:${port}`]),
      plexspaces(['list', '--node', '127.0.0.1:1', '--json']),
    ]);
    silent.close();
    expect(quiet).toMatchObject({ code: 1, stdout: '' });
    expect(quiet.stderr).toMatch(/^plexspaces: UNAVAILABLE: no node answers at 127\.0\.0\.1:\d+ within 5000 ms\n$/);
    expect(absent.stderr).toBe('plexspaces: UNAVAILABLE: no node answers at 127.0.0.1:1\n');
    expect(JSON.parse(absent.stdout)).toMatchObject({ error: { code: 'UNAVAILABLE' } });
  });

  it('invoke --json says the same in its document', async () => {
    const refused = await plexspaces(['invoke', 'echo', 'fail', '"x"', '--json'], { node: daemon.grpc });
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      success: false,
      output: null,
      error: { code: 'EXECUTION_ERROR', message: 'no: "x"' },
    });
  });

  it('shows nothing that an application name could make a terminal do', async () => {
    const path = await componentFile(new Uint8Array(0), 'evil\u001b[31m');
    const refused = await plexspaces(['deploy', path], { node: daemon.grpc });
    expect(refused.stderr).toMatch(LINE);
    expect(refused.stderr).not.toMatch(CONTROL);
  });
});

describe('an rpc', () => {
  it('every one of them answers an empty request with a status of the closed set, or an empty answer', async () => {
    expect(wire.methods.length).toBeGreaterThan(15);
    for (const method of wire.methods) {
      const [service = '', name = ''] = method.split('/');
      const outcome = await ask(service, name, {}).catch((refusal: { code: number; message: string }) => refusal);
      if (!('code' in outcome)) continue;
      const { code, message } = outcome;
      expect({ method, code: NUMBERS.get(Number(code)) }).toEqual({ method, code: expect.any(String) });
      expect(`${method}: ${String(message)}`).toMatch(/^[^\n]+: [^\n]+$/);
    }
    expect(daemon.log).not.toContain('internal error');
  });

  it.each<[service: string, method: string, request: Message, names: string | RegExp]>([
    ['v1.ActorService', 'Invoke', { id: 'echo', method: '' }, 'method'],
    ['v1.ActorService', 'Invoke', { id: 'echo', method: 'echo', idempotency_key: 'k'.repeat(257) }, 'idempotency_key'],
    ['v1.ActorService', 'Invoke', { id: 'echo', method: 'echo', timeout: { seconds: -1 } }, 'timeout'],
    ['v1.ActorService', 'Invoke', { id: 'echo/\n', method: 'echo' }, /key|address/],
    ['v1.TupleSpaceService', 'Write', {}, 'tuple'],
    ['v1.TupleSpaceService', 'Write', { tuple: { fields: [{}] } }, /field/],
    ['v1.TupleSpaceService', 'Read', { pattern: { fields: [{}] } }, /field/],
    ['v1.TupleSpaceService', 'Take', {}, 'pattern'],
    ['v1.ModuleService', 'HasModule', { hash: '../../etc/passwd' }, 'hash'],
    ['v1.PoolService', 'GetPool', { application_id: '../x' }, '../x'],
    ['v1.DescriptionService', 'DescribeService', { service: '../x' }, '../x'],
    ['application.v1.ApplicationService', 'StopApplication', { name: 'nobody' }, 'nobody'],
  ])('%s/%s %j', async (service, method, request, names) => {
    const refusal = await wire.call(`plexspaces.${service}`, method, request).then(
      () => undefined,
      (thrown: { code: number; message: string }) => thrown,
    );
    expect(CODES).toContain(NUMBERS.get(refusal?.code ?? -1));
    expect(refusal?.message).toMatch(names);
  });

  it('an upload that is broken off, too long, or without a header is refused, and leaves nothing', async () => {
    const hash = '00'.repeat(32);
    const upload = (...requests: Message[]): Promise<Message> =>
      wire.upload('plexspaces.v1.ModuleService', 'UploadModule', requests);
    const chunk = { chunk: new Uint8Array(10) };
    await expect(upload(chunk)).rejects.toMatchObject({ code: 3, message: expect.stringContaining('header') });
    await expect(upload({ header: { hash, size_bytes: 20 } }, chunk)).rejects.toMatchObject({ code: 3 });
    await expect(upload({ header: { hash, size_bytes: 5 } }, chunk)).rejects.toMatchObject({ code: 3 });
    const huge = upload({ header: { hash, size_bytes: 2 ** 40 } });
    await expect(huge).rejects.toMatchObject({ code: 8, message: expect.stringContaining('limit') });
  });
});

/** By whichever way the method has: the first that fits its definition. */
function ask(service: string, method: string, request: Message): Promise<Message> {
  if (method === 'UploadModule') return wire.upload(service, method, [request]);
  if (method === 'InvokeStream' || method === 'Stream')
    return wire.exchange(service, method, [request]).then((responses) => ({ responses }));
  if (method === 'ReadJournal' || method === 'Subscribe') {
    return wire.download(service, method, request).then((responses) => ({ responses }));
  }
  return wire.call(service, method, request);
}

function split(line: string): string[] {
  return line.split(' ').map((word) => (word === 'ECHO' ? ECHO_FILE : word));
}
