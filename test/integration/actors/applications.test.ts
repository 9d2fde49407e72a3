/** Applications: who holds a name, what a failed deploy leaves, and what a restart brings back. */
import { ActorKind, DesiredState } from '@plexspaces/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import type { TemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { echoRenamed, readEcho } from '../../fixtures/components/wat.ts';
import { countOf, text } from '../../support/echo.ts';
import { GatedStore } from '../../support/gated-store.ts';
import { codeOf, tally } from '../../support/outcomes.ts';
import { deployment, EchoApplications } from './echo-applications.ts';

const { DESIRED_STATE_RUNNING: RUNNING, DESIRED_STATE_STOPPED: STOPPED } = DesiredState;
const GARBAGE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

let prepared: TemporaryStore;
let temporary: TemporaryStore;
let store: MemoryStore;
let hash: string;
let otherHash: string;

beforeAll(async () => {
  prepared = await openTemporaryStore();
  hash = await prepared.store.put(readEcho());
  otherHash = await prepared.store.put(echoRenamed('no: ', 'na: '));
  await Promise.all([prepared.store.prepare(hash), prepared.store.prepare(otherHash)]);
});

afterAll(async () => {
  await prepared[Symbol.asyncDispose]();
});

beforeEach(async () => {
  temporary = await openTemporaryStore({}, prepared.directory);
  store = new MemoryStore();
  return () => temporary[Symbol.asyncDispose]();
});

describe('names', () => {
  it('an id is deployed once, however many deploy it at once: the same again is a hit', async () => {
    await using node = await start();
    const { applications } = node;
    const deploys = [1, 2, 3].map(() => applications.deploy(deployment('a', hash)));
    const deployed = await Promise.all(deploys);
    expect(new Set(deployed.map(({ application }) => application)).size).toBe(1);
    expect(applications.list()).toHaveLength(1);
    expect(node.lines.filter(({ status }) => status === 'RUNNING')).toHaveLength(1);
    expect(deployed.map(({ cache }) => cache)).toEqual(['hit', 'hit', 'hit']); // it had been prepared before
  });

  it('a service has one owner, from before its deploy is through', async () => {
    await using node = await start();
    const deploys = ['a', 'b'].map((id) => node.applications.deploy(deployment(id, hash, { service: 'test.Shared' })));
    const [first, second] = await Promise.allSettled(deploys);
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({
      reason: { code: 'ALREADY_EXISTS', message: expect.stringMatching(/served by a$/) },
    });
    expect(node.applications.list().map(({ record }) => record.applicationId)).toEqual(['a']);
  });

  it.each([
    ['another module', () => deployment('a', otherHash)],
    ['another version', () => deployment('a', hash, {}, { version: '2' })],
    ['other settings', () => deployment('a', hash, { workers: { min: 1, max: 2 } })],
    ['another environment', () => deployment('a', hash, {}, { env: { A: '2' } })],
  ])('%s under the same id is ALREADY_EXISTS, and the first serves on', async (_what, other) => {
    await using node = await start();
    await node.applications.deploy(deployment('a', hash));
    await expect(node.applications.deploy(other())).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(countOf(await node.invoke('test.a', 'count'))).toBe(1);
    expect(await node.recorded()).toHaveLength(1);
  });

  it('the same environment in another order is the same', async () => {
    await using node = await start();
    await node.applications.deploy(
      deployment('a', hash, {}, { env: { A: '1', B: '2' }, initialState: Buffer.from('') }),
    );
    const again = await node.applications.deploy(deployment('a', hash, {}, { env: { B: '2', A: '1' } }));
    expect(again.cache).toBe('hit');
  });

  it('that nobody has are NOT_FOUND', async () => {
    await using node = await start();
    const { applications } = node;
    expect(() => applications.get('x')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    const options = { deadlineMs: 0, purge: false };
    const calls = [applications.start('x'), applications.stop('x', options), applications.undeploy('x', options)];
    const outcomes = await Promise.allSettled([...calls, node.invoke('test.x', 'echo')]);
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? codeOf(outcome.reason) : 'ok'));
    expect(tally(codes)).toEqual({ NOT_FOUND: 4 });
  });
});

describe('a deploy that fails', () => {
  it.each([
    [
      'a component that is none',
      async () => deployment('a', await temporary.store.put(GARBAGE)),
      'INVALID_ARGUMENT NOT_A_COMPONENT',
    ],
    ['a module that is not there', async () => deployment('a', 'f'.repeat(64)), 'NOT_FOUND'],
    [
      'too little memory to start',
      async () => deployment('a', hash, { limits: { memoryBytes: 65_535n } }),
      'INVALID_ARGUMENT VALIDATION',
    ],
    [
      'a description that is none',
      async () => deployment('a', hash, { schema: 'x.graphql' }),
      'INVALID_ARGUMENT VALIDATION',
    ],
    [
      'a description of what is not served',
      async () => deployment('a', hash, { schema: 'type Service { a: A } union A = B' }),
      'UNIMPLEMENTED UNSUPPORTED_FIELD',
    ],
  ])('with %s leaves nothing', async (_what, make, expected) => {
    await using node = await start();
    const failing = await make();
    const outcome = await node.applications.deploy(failing).catch((thrown: unknown) => thrown);
    expect(codeOf(outcome)).toBe(expected);
    expect(node.applications.list()).toEqual([]);
    expect(await node.recorded()).toEqual([]);
    await node.applications.deploy(deployment('a', otherHash));
  });

  it('takes its module with it, unless another application has it', async () => {
    const bad = await temporary.store.put(GARBAGE);
    await using node = await start();
    await expect(node.applications.deploy(deployment('a', bad))).rejects.toThrow(/actor|component/);
    expect(await temporary.store.has(bad)).toBe(false);
    await node.applications.deploy(deployment('b', hash));
    await expect(node.applications.deploy(deployment('b', otherHash))).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    expect(await temporary.store.has(otherHash)).toBe(false);
    await expect(node.applications.deploy(deployment('c', hash, { service: 'test.b' }))).rejects.toThrow(/served by b/);
    expect(await temporary.store.has(hash)).toBe(true);
  });
});

describe('the life of an application', () => {
  it('stops and starts, and is refused calls meanwhile', async () => {
    await using node = await start();
    const { applications } = node;
    const { application } = await applications.deploy(deployment('a', hash));
    await node.invoke('test.a', 'count');
    await applications.stop('a', { deadlineMs: 1000 });
    expect(application.status).toBe('STOPPED');
    await expect(node.invoke('test.a', 'count')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'application a is stopped',
    });
    const [started, again] = await Promise.all([applications.start('a'), applications.start('a')]);
    expect([started, again]).toEqual([application, application]);
    expect(application.status).toBe('RUNNING');
    expect(countOf(await node.invoke('test.a', 'count'))).toBe(2);
  });

  it('keeps its journals over an undeploy, and loses them to a purge', async () => {
    await using node = await start();
    const { applications } = node;
    await applications.deploy(deployment('a', hash));
    await node.invoke('test.a', 'count');
    await applications.undeploy('a', { purge: false, deadlineMs: 1000 });
    expect(await node.recorded()).toEqual([]);
    await applications.deploy(deployment('a', hash));
    expect(countOf(await node.invoke('test.a', 'count'))).toBe(2);
    await applications.undeploy('a', { purge: true, deadlineMs: 1000 });
    await applications.deploy(deployment('a', hash));
    expect(countOf(await node.invoke('test.a', 'count'))).toBe(1);
  });

  it('loses to a purge what is not on the disk yet, too', async () => {
    const slow = new GatedStore(store);
    await using node = await EchoApplications.start(temporary.store, slow);
    const { applications } = node;
    await applications.deploy(deployment('a', hash));
    await node.invoke('test.a', 'count');
    slow.batchMs = 50;
    await node.invoke('test.a', 'count');
    await applications.undeploy('a', { purge: true, deadlineMs: 1000 });
    await applications.deploy(deployment('a', hash));
    expect(countOf(await node.invoke('test.a', 'count'))).toBe(1);
  });

  it('frees its service', async () => {
    await using node = await start();
    await node.applications.deploy(deployment('a', hash, { service: 'test.Shared' }));
    await node.applications.undeploy('a', { purge: false, deadlineMs: 1000 });
    await node.applications.deploy(deployment('b', hash, { service: 'test.Shared' }));
    expect(text(await node.invoke('test.Shared', 'echo', 'k', 'b'))).toBe('b');
  });

  it('of a service or singleton has no keys', async () => {
    await using node = await start();
    await node.applications.deploy(deployment('a', hash, { kind: ActorKind.ACTOR_KIND_SERVICE }));
    await expect(node.invoke('test.a', 'echo', 'one')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(text(await node.invoke('test.a', 'echo', 'default', 'x'))).toBe('x');
  });
});

describe('after a restart', () => {
  it('what ran runs, what was stopped is stopped, what was undeployed is gone; calls wait for the start', async () => {
    const before = await start();
    for (const id of ['a', 'b', 'c']) await before.applications.deploy(deployment(id, hash));
    await before.invoke('test.a', 'count');
    await before.applications.stop('b', { deadlineMs: 1000 });
    await before.applications.undeploy('c', { purge: false, deadlineMs: 1000 });
    await before[Symbol.asyncDispose]();
    await using after = await start(2n);
    const statuses = after.applications.list().map(({ record, status }) => [record.applicationId, status]);
    expect(statuses).toEqual([
      ['a', expect.stringMatching(/^(LOADING|STARTING)$/)],
      ['b', 'STOPPED'],
    ]);
    await after.applications.start('a');
    expect(countOf(await after.invoke('test.a', 'count'))).toBe(2);
  });

  it('a stopped one that was deployed again runs', async () => {
    const before = await start();
    await before.applications.deploy(deployment('a', hash));
    await before.applications.stop('a', { deadlineMs: 1000 });
    expect((await before.recorded()).map(({ desiredState }) => desiredState)).toEqual([STOPPED]);
    await before.applications.deploy(deployment('a', hash));
    expect((await before.recorded()).map(({ desiredState }) => desiredState)).toEqual([RUNNING]);
    await before[Symbol.asyncDispose]();
    await using after = await start(2n);
    expect(after.applications.get('a').status).not.toBe('STOPPED');
  });

  it('one whose module is gone has FAILED, says why, and does not keep the others from running', async () => {
    const before = await start();
    await before.applications.deploy(deployment('a', hash));
    await before.applications.deploy(deployment('b', otherHash));
    await before[Symbol.asyncDispose]();
    await temporary.store.remove(hash);
    await using after = await start(2n);
    await expect(after.applications.start('a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(after.applications.get('a')).toMatchObject({ status: 'FAILED', error: { code: 'NOT_FOUND' } });
    await expect(after.invoke('test.a', 'count')).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    expect(countOf(await after.invoke('test.b', 'count'))).toBe(1);
  });
});

describe('a node that closes', () => {
  it('takes no calls and no deploys, and leaves nothing running that was just starting', async () => {
    const before = await start();
    await before.applications.deploy(deployment('a', hash));
    await before[Symbol.asyncDispose]();
    const node = await start(2n);
    await node.applications.close({ deadlineMs: 1000 });
    expect(node.applications.get('a').status).toBe('STOPPED');
    const refused = [
      node.invoke('test.a', 'echo'),
      node.applications.deploy(deployment('b', hash)),
      node.applications.start('a'),
    ];
    const outcomes = await Promise.allSettled(refused);
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? codeOf(outcome.reason) : 'ok'))).toEqual([
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
    ]);
    expect(node.applications.get('a').status).toBe('STOPPED');
    expect((await node.recorded()).map(({ desiredState }) => desiredState)).toEqual([RUNNING]);
  });
});

function start(epoch = 1n): Promise<EchoApplications> {
  return EchoApplications.start(temporary.store, store, epoch);
}
