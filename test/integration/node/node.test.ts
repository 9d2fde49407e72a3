/** The node as a whole, over its wire: what it serves, what it refuses and how, and what it keeps. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tupleToMessage } from '@plexspaces/proto';
import type { DeployApplicationRequest } from '@plexspaces/proto';
import { createChannel, createClient, Status } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../packages/runtime/src/store/store.ts';
import { readEcho } from '../../fixtures/components/wat.ts';
import { countOf, text } from '../../support/echo.ts';
import { GatedStore } from '../../support/gated-store.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { RunningNode } from './running-node.ts';

const ECHO = readEcho();
const HASH = createHash('sha256').update(ECHO).digest('hex');

/** Of grpc.health.v1.HealthCheckResponse. */
const SERVING = 1;

let temporary: TemporaryDirectory;
let running: RunningNode;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
  running = await RunningNode.start(temporary.path);
  await running.applications.deployApplication(deployRequest('echo'));
});

afterAll(async () => {
  await running.close();
  await temporary[Symbol.asyncDispose]();
});

describe('a call over the wire', () => {
  it('comes back with what went along', async () => {
    const reply = await running.invoke('echo/one', 'echo', {
      input: Buffer.from('hello'),
      metadata: { secret: 'stays here' },
      correlation: 7n,
    });
    expect(reply).toMatchObject({ id: 'echo/one', success: true, metadata: {}, correlation: 7n, error: undefined });
    expect(text(reply.output)).toBe('hello');
    expect(reply.duration).toBeDefined();
  });

  it("has the guest's no as an answer, not as a status", async () => {
    const reply = await running.invoke('echo', 'fail', { input: Buffer.from('x') });
    expect(reply).toMatchObject({ success: false, error: { code: 'EXECUTION_ERROR', message: 'no: x', details: {} } });
  });

  it.each<[string, Parameters<RunningNode['invoke']>, Status, RegExp]>([
    ['a trap', ['echo/trap', 'trap'], Status.INTERNAL, /^the guest trapped: /],
    ['nobody', ['nobody', 'x'], Status.NOT_FOUND, /^no application serves nobody$/],
    ['a bad address', ['no service', 'x'], Status.INVALID_ARGUMENT, /^service id: /],
    ['no method', ['echo', ''], Status.INVALID_ARGUMENT, /^method: /],
    ['a bad timeout', ['echo', 'x', { timeout: { seconds: 0n, nanos: -1 } }], Status.INVALID_ARGUMENT, /^timeout: /],
    [
      'a long idempotency key',
      ['echo', 'x', { idempotencyKey: 'k'.repeat(257) }],
      Status.INVALID_ARGUMENT,
      /^idempotency_key: expected/,
    ],
    [
      'a late answer',
      ['echo/loop', 'loop', { timeout: { seconds: 0n, nanos: 30_000_000 } }],
      Status.DEADLINE_EXCEEDED,
      /deadline of 30 ms/,
    ],
  ])('to %s is a status with one line', async (_what, call, code, details) => {
    const failure = await running.invoke(...call).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code, details: expect.stringMatching(details) });
    expect(failure).toMatchObject({ details: expect.not.stringMatching(/\n\s+at /) });
  });
});

describe('a deploy over the wire', () => {
  it('of the same again is a hit, and an unknown hash is told to be uploaded first', async () => {
    expect(await running.applications.deployApplication(deployRequest('echo'))).toMatchObject({
      success: true,
      applicationId: 'echo',
      moduleHash: HASH,
    });
    const unknown = deployRequest('other', { wasmModule: { moduleHash: 'f'.repeat(64) } });
    await expect(running.applications.deployApplication(unknown)).rejects.toMatchObject({
      code: Status.NOT_FOUND,
      details: expect.stringMatching(/upload it first/),
    });
  });

  it.each<[string, Partial<PartialDeploy>, Status]>([
    ['release_config', { releaseConfig: {} }, Status.UNIMPLEMENTED],
    ['config.supervisor', { config: { supervisor: {} } }, Status.UNIMPLEMENTED],
    ['config.dependencies', { config: { dependencies: ['x'] } }, Status.UNIMPLEMENTED],
    ['wasm_module.wit_interface', { wasmModule: { moduleBytes: ECHO, witInterface: 'x' } }, Status.UNIMPLEMENTED],
    ['limits.cpuMs', { manifest: { limits: { cpuMs: 1n } } }, Status.INVALID_ARGUMENT],
    ['version', { version: '' }, Status.INVALID_ARGUMENT],
    ['wasm_module', { wasmModule: {} }, Status.INVALID_ARGUMENT],
    ['wasm_module.size_bytes', { wasmModule: { moduleBytes: ECHO, sizeBytes: 1n } }, Status.INVALID_ARGUMENT],
  ])('with %s is refused by that name, and changes nothing', async (name, request, code) => {
    await expect(running.applications.deployApplication(deployRequest('bad', request))).rejects.toMatchObject({
      code,
      details: expect.stringMatching(new RegExp(`^${name.replaceAll('.', '\\.')}\\b`)),
    });
    const { applications } = await running.applications.listApplications({});
    expect(applications.map(({ applicationId }) => applicationId)).toEqual(['echo']);
  });

  it('in chunks is checked against its hash', async () => {
    expect(await running.modules.hasModule({ hash: HASH })).toEqual({ present: true });
    const header = {
      part: { $case: 'header', value: { hash: 'f'.repeat(64), sizeBytes: BigInt(ECHO.length) } },
    } as const;
    const chunk = { part: { $case: 'chunk', value: ECHO } } as const;
    await expect(running.modules.uploadModule(streamOf([header, chunk]))).rejects.toMatchObject({
      code: Status.INVALID_ARGUMENT,
      details: expect.stringContaining(HASH),
    });
    await expect(running.modules.uploadModule(streamOf([chunk]))).rejects.toMatchObject({
      details: 'upload: expected a header first, found chunk',
    });
    await expect(running.modules.uploadModule(streamOf([]))).rejects.toMatchObject({
      details: 'upload: expected a header first, found nothing',
    });
  });
});

describe('the services beside it', () => {
  it('tell the pool, and the health', async () => {
    expect(await running.pools.getPool({ applicationId: 'echo' })).toMatchObject({ min: 1, max: 1, queued: 0 });
    const channel = createChannel(running.node.addresses.grpc);
    const health = createClient(HealthDefinition, channel);
    const answers = ['', 'plexspaces.v1.ActorService'].map((service) => health.check({ service }));
    expect(await Promise.all(answers)).toEqual([{ status: SERVING }, { status: SERVING }]);
    channel.close();
    const response = await fetch(`http://${running.node.addresses.http}/healthz`);
    expect(response.status).toBe(200);
  });
});

describe('a second node', () => {
  it('on the same directory is refused, and leaves the first one alone', async () => {
    await expect(RunningNode.start(temporary.path)).rejects.toMatchObject({ reason: 'DATA_DIRECTORY_IN_USE' });
    expect((await running.invoke('echo', 'echo')).success).toBe(true);
  });

  it('on an address that others reach is refused before anything is made', async () => {
    for (const addresses of [{ grpc: '0.0.0.0:0' }, { http: '0.0.0.0:0' }]) {
      await expect(RunningNode.start(temporary.path, addresses)).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        message: expect.stringContaining('loopback'),
      });
    }
  });

  it.each(['grpc', 'http'] as const)('whose %s port is taken says so, and gives its directory back', async (which) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    await using own = await makeTemporaryDirectory();
    await expect(RunningNode.start(own.path, { [which]: address })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`^cannot listen on ${address} .*the port is in use`)),
    });
    taken.close();
    await (await RunningNode.start(own.path)).close();
  });
});

describe('a store that a test puts in between', () => {
  it('is what the node writes to', async () => {
    await using own = await makeTemporaryDirectory();
    let gated: GatedStore | undefined;
    const decorateStore = (store: Store): Store => (gated = new GatedStore(store));
    await using decorated = await RunningNode.start(own.path, { decorateStore });
    const before = gated?.batches.length ?? 0;
    await decorated.tuples.write({ tuple: tupleToMessage([{ type: 'null' }]) });
    expect(gated?.batches).toHaveLength(before + 1);
  });
});

describe('a restart', () => {
  it('finds applications, state and tuples as they were left', async () => {
    await using own = await makeTemporaryDirectory();
    const before = await RunningNode.start(own.path);
    await before.applications.deployApplication(deployRequest('echo'));
    await before.invoke('echo/k', 'count');
    await before.invoke('echo/k', 'write', { input: Buffer.from('t') });
    await before.close();
    await expect(before.node.close()).resolves.toBeUndefined();
    await using after = await RunningNode.start(own.path);
    expect(countOf((await after.invoke('echo/k', 'count')).output)).toBe(2);
    expect([...(await after.invoke('echo/k', 'take')).output]).toEqual([1]);
    expect([...(await after.invoke('echo/k', 'take')).output]).toEqual([0]);
    const { applications } = await after.applications.listApplications({});
    expect(applications).toMatchObject([{ applicationId: 'echo', version: '1', moduleHash: HASH }]);
  });
});

type PartialDeploy = NonNullable<Parameters<typeof DeployApplicationRequest.fromPartial>[0]>;

function deployRequest(id: string, more: Partial<PartialDeploy> = {}): PartialDeploy {
  const manifest = { workers: { min: 1, max: 1 }, ...more.manifest };
  return { applicationId: id, name: id, version: '1', wasmModule: { moduleBytes: ECHO }, ...more, manifest };
}

async function* streamOf<T>(parts: readonly T[]): AsyncGenerator<T> {
  yield* parts;
}
