/**
 * Wire compatibility: a client that was made from the published .proto files alone, with field names as they stand
 * there, deploys and calls a Python component and finds what a gRPC tool expects of a server.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtApplication } from '../support/built-actors.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import type { Daemon } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { openWire } from '../support/wire.ts';
import type { Message, Wire } from '../support/wire.ts';

const APPLICATIONS = 'plexspaces.application.v1.ApplicationService';
const ACTORS = 'plexspaces.v1.ActorService';
const SPACE = 'plexspaces.v1.TupleSpaceService';
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;
const MIB = 1024 * 1024;

let daemon: Daemon;
let wire: Wire;
let echo: Buffer;
const applications = (method: string, request: Message): Promise<Message> => wire.call(APPLICATIONS, method, request);

beforeAll(async () => {
  daemon = await startFreshDaemon();
  wire = await openWire(daemon.grpc);
  echo = await readFile(ECHO_FILE);
});

afterAll(async () => {
  wire.close();
  await daemon.kill();
});

describe('an application', () => {
  it('of more than 17 MiB is deployed by one message, listed and called', async () => {
    const component = await readFile(join(await builtApplication('calculator'), 'dist', 'calculator.wasm'));
    expect(component.length).toBeGreaterThan(17 * MIB);
    const hash = createHash('sha256').update(component).digest('hex');
    const module = { name: 'calculator', version: '1.0.0', module_bytes: component, module_hash: hash };
    const deployed = await applications('DeployApplication', {
      application_id: 'calculator',
      name: 'calculator',
      version: '1.0.0',
      wasm_module: { ...module, size_bytes: String(component.length), source_languages: ['python'] },
      config: { name: 'calculator', version: '1.0.0', description: 'from the wire', env: { KEY: 'value' } },
    });
    expect(deployed).toMatchObject({
      success: true,
      application_id: 'calculator',
      status: 'APPLICATION_STATUS_RUNNING',
    });
    expect(deployed).toMatchObject({ cache: 'CACHE_RESULT_MISS', module_hash: hash });
    const listed = await applications('ListApplications', { status_filter: 'APPLICATION_STATUS_RUNNING' });
    expect(listed).toMatchObject({
      applications: [
        {
          application_id: 'calculator',
          name: 'calculator',
          version: '1.0.0',
          service: 'calculator',
          module_hash: hash,
        },
      ],
    });
    const added = await wire.call(ACTORS, 'Invoke', {
      id: 'calculator/some key',
      method: 'add',
      input: Buffer.from('{"operands":[1,2,3]}'),
      correlation: String(Number.MAX_SAFE_INTEGER),
    });
    expect(added).toMatchObject({ id: 'calculator/some key', success: true });
    expect(Number(added['correlation'])).toBe(Number.MAX_SAFE_INTEGER);
    expect(JSON.parse(String(added['output']))).toEqual({ result: 6, operation: 'add' });
  });

  it('answers status, stops, starts and goes', async () => {
    await deployEcho('echo');
    const status = await applications('GetApplicationStatus', { application_id: 'echo' });
    expect(status).toMatchObject({
      application: { application_id: 'echo', status: 'APPLICATION_STATUS_RUNNING' },
      state: { name: 'echo', status: 'APPLICATION_STATUS_RUNNING', env: {} },
    });
    const stopped = await applications('StopApplication', { name: 'echo' });
    expect(stopped).toMatchObject({ application: { state: 'APPLICATION_STATE_STOPPED', config: { name: 'echo' } } });
    const only = await applications('ListApplications', { status_filter: 'APPLICATION_STATUS_STOPPED' });
    expect(only).toMatchObject({ applications: [{ application_id: 'echo' }] });
    const started = await applications('StartApplication', { name: 'echo' });
    expect(started).toMatchObject({
      application: { state: 'APPLICATION_STATE_RUNNING', health: 'HEALTH_STATUS_HEALTHY' },
    });
    await expect(applications('UndeployApplication', { application_id: 'echo' })).resolves.toMatchObject({
      success: true,
    });
    await expect(applications('GetApplicationStatus', { application_id: 'echo' })).rejects.toMatchObject({
      code: NOT_FOUND,
    });
  });

  it.each<[what: string, change: Message, field: string, code: number]>([
    ['config.type', { config: { type: 2 } }, 'config.type', 12],
    [
      'config.supervisor',
      { config: { supervisor: { strategy: 1, children: [] } } },
      'config.supervisor',
      UNIMPLEMENTED,
    ],
    ['config.dependencies', { config: { dependencies: ['other'] } }, 'config.dependencies', UNIMPLEMENTED],
    ['release_config', { release_config: {} }, 'release_config', UNIMPLEMENTED],
    ['manifest.schema', { manifest: { schema: 'type Query' } }, 'schema', INVALID_ARGUMENT],
    ['a name said otherwise', { config: { name: 'other' } }, 'config.name', INVALID_ARGUMENT],
    ['a version said otherwise', { config: { version: '2' } }, 'config.version', INVALID_ARGUMENT],
    [
      'more workers at least than at most',
      { manifest: { workers: { min: 3, max: 2 } } },
      'workers.max',
      INVALID_ARGUMENT,
    ],
    ['an unknown capability', { manifest: { capabilities: { names: ['network'] } } }, 'capabilities', INVALID_ARGUMENT],
    ['an id with a slash', { application_id: 'a/b' }, 'application', INVALID_ARGUMENT],
    ['no version', { version: '' }, 'version', INVALID_ARGUMENT],
    ['no module', { wasm_module: undefined }, 'wasm_module', INVALID_ARGUMENT],
  ])('is refused by name: %s', async (_what, change, field, code) => {
    await expect(deployEcho('refused', change)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(field),
    });
    const { applications: listed } = await applications('ListApplications', {});
    expect(listed).not.toContainEqual(expect.objectContaining({ name: 'refused' }));
  });

  it('is refused with both hashes where the module has another one', async () => {
    const wrong = 'ab'.repeat(32);
    const right = createHash('sha256').update(echo).digest('hex');
    const module = { name: 'echo', version: '1', module_bytes: echo, module_hash: wrong };
    const refusal = expect.objectContaining({
      code: INVALID_ARGUMENT,
      reason: 'HASH_MISMATCH',
      message: expect.stringMatching(new RegExp(`${wrong}.*${right}`)),
    });
    await expect(deployEcho('refused', { wasm_module: module })).rejects.toEqual(refusal);
    const upload = [
      { header: { hash: wrong, size_bytes: String(echo.length) } },
      { chunk: echo.subarray(0, 1000) },
      { chunk: echo.subarray(1000) },
    ];
    await expect(wire.upload('plexspaces.v1.ModuleService', 'UploadModule', upload)).rejects.toEqual(refusal);
  });
});

describe('what a gRPC tool expects', () => {
  it('health checks', async () => {
    const check = (service: string): Promise<Message> => wire.call('grpc.health.v1.Health', 'Check', { service });
    for (const service of ['', APPLICATIONS, ACTORS, SPACE]) {
      expect([service, await check(service)]).toEqual([service, { status: 'SERVING' }]);
    }
    await expect(check('plexspaces.v1.Unknown')).rejects.toMatchObject({ code: NOT_FOUND });
  });

  it('reflection', async () => {
    const requests = [{ list_services: '' }, { file_containing_symbol: APPLICATIONS }];
    const [services, file] = await wire.exchange(
      'grpc.reflection.v1.ServerReflection',
      'ServerReflectionInfo',
      requests,
    );
    const published = new Set(wire.methods.map((method) => method.split('/')[0]));
    const names = [...published].map((name) => ({ name }));
    expect(services).toMatchObject({ list_services_response: { service: expect.arrayContaining(names) } });
    expect(JSON.stringify(file)).toContain('"file_descriptor_proto":[');
  });
});

async function deployEcho(name: string, change: Message = {}): Promise<Message> {
  return applications('DeployApplication', {
    name,
    version: '1.0.0',
    wasm_module: { name, version: '1.0.0', module_bytes: echo },
    ...change,
  });
}
