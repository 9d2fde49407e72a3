/**
 * Tenants of one node: to each of them the applications, actors and tuples of the others are not there. What they
 * share are the ids of the node, of which they learn no more than that one is taken.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@plexspaces/client';
import type { ActorKindName, PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../../fixtures/components/wat.ts';
import { builtFixture } from '../../support/built-actors.ts';
import { countOf } from '../../support/echo.ts';
import { http, post } from '../../support/http.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';
import { RunningNode } from './running-node.ts';

const ALL = ['deploy', 'invoke', 'tuples'];
const TENANTS = ['default', 'blue', 'red'] as const;
const NOTHING = new Uint8Array();

let running: RunningNode;
let directory: string;
let tokens: string;
let owner: PlexSpacesClient;
let blue: PlexSpacesClient;
let red: PlexSpacesClient;

beforeAll(async () => {
  directory = await makeScratchDirectory();
  tokens = join(await makeScratchDirectory(), 'tokens.json');
  const entries = TENANTS.map((tenant) => ({ token: tokenOf(tenant), tenant, allow: ALL }));
  await writeFile(tokens, JSON.stringify({ tokens: entries }), { mode: 0o600 });
  await start();
  await deploy(blue, 'blue-app', { service: 'shared', kind: 'durable' });
  await count(blue, 'shared/a');
});

afterAll(async () => {
  await stop();
});

describe("another tenant's application", () => {
  it('is in no list', async () => {
    expect([await names(blue), await names(red), await names(owner)]).toEqual([['blue-app'], [], []]);
    expect([(await blue.actors()).length, (await red.actors()).length, (await owner.actors()).length]).toEqual([
      1, 0, 0,
    ]);
    expect(await red.quarantine.list()).toEqual([]);
    expect((await http(running.node.addresses.http, '/api/v1/applications', as('red'))).json).toEqual({
      applications: [],
    });
    const { text } = await http(running.node.addresses.http, '/api/v1/openapi.json', as('red'));
    expect(text).not.toContain('shared');
  });

  it.each<[what: string, ask: (client: PlexSpacesClient, name: string, actor: string) => Promise<unknown>]>([
    ['status', (client, name) => client.status(name)],
    ['start', (client, name) => client.start(name)],
    ['stop', (client, name) => client.stop(name)],
    ['undeploy', (client, name) => client.undeploy(name, { purge: true })],
    ['pool', (client, name) => client.pool(name)],
    ['actors', (client, name) => client.actors(name)],
    ['quarantine list', (client, name) => client.quarantine.list(name)],
    ['invoke', (client, _name, actor) => client.invoke(actor, 'echo')],
    ['tell', (client, _name, actor) => client.tell(actor, 'echo')],
    ['checkpoint', (client, _name, actor) => client.checkpoint(actor)],
    ['journal', (client, _name, actor) => Array.fromAsync(client.journal(actor))],
    ['rewind', (client, _name, actor) => client.rewind(actor, 0)],
    ['fork', (client, _name, actor) => client.fork(actor, 0, 'b')],
    ['quarantine retry', (client, _name, actor) => client.quarantine.retry(actor, 1)],
    ['quarantine drop', (client, _name, actor) => client.quarantine.drop(actor, 1)],
  ])('is not there for %s, as one that nobody deployed', async (_what, ask) => {
    const failure = async (name: string, service: string): Promise<object> =>
      ask(red, name, `${service}/a`).then(
        () => ({ code: 'OK' }),
        ({ code, message }: { code: string; message: string }) => ({
          code,
          message: message.replaceAll(name, 'NAME').replaceAll(service, 'SERVICE'),
        }),
      );
    const found = await failure('blue-app', 'shared');
    expect(found).toMatchObject({ code: 'NOT_FOUND' });
    expect(found).toEqual(await failure('no-app', 'nobody'));
    expect(await names(blue)).toEqual(['blue-app']);
  });

  it('is not there over HTTP', async () => {
    const { http: address } = running.node.addresses;
    const headers = { authorization: `Bearer ${tokenOf('red')}` };
    for (const path of ['/services/shared/a/count', '/tell/shared/a/count', '/applications/blue-app/stop']) {
      expect(await post(address, `/api/v1${path}`, {}, headers)).toMatchObject({
        status: 404,
        json: { code: 'NOT_FOUND' },
      });
    }
    expect(await http(address, '/api/v1/applications/blue-app', as('red'))).toMatchObject({ status: 404 });
    expect(await http(address, '/api/v1/applications/blue-app', as('blue'))).toMatchObject({ status: 200 });
  });

  it('has its ids, and nothing else is told of it', async () => {
    const taken = (what: string): object => ({
      code: 'ALREADY_EXISTS',
      message: `${what}: expected an id that is free, found it taken`,
    });
    await expect(deploy(red, 'blue-app', { service: 'other' })).rejects.toMatchObject(taken('application blue-app'));
    await expect(deploy(red, 'other', { service: 'shared' })).rejects.toMatchObject(taken('service shared'));
    await expect(deploy(owner, 'other', { service: 'shared' })).rejects.toMatchObject(taken('service shared'));
    expect([await names(blue), await names(red), await names(owner)]).toEqual([['blue-app'], [], []]);
  });
});

it('figures of all tenants are for the default one', async () => {
  const { http: address } = running.node.addresses;
  expect(await http(address, '/metrics', as('blue'))).toMatchObject({ status: 403 });
  expect(await http(address, '/metrics', as('default'))).toMatchObject({ status: 200 });
});

describe('a tuple', () => {
  it("of a tenant's clients and actors is in that tenant's space", async () => {
    await using watched = await blue.tuples.watch([{ '?': 'string' }]);
    await red.tuples.write(['theirs']);
    await owner.tuples.write(['theirs']);
    await blue.tuples.write(['ours']);
    for await (const tuple of watched) {
      expect(tuple).toEqual(['ours']);
      break;
    }
    await blue.call('shared/a', 'write', Buffer.from('by a guest'));
    const echoes = ['echo', { '?': 'any' }] as const;
    expect(await blue.tuples.count(echoes)).toBe(1);
    expect([await red.tuples.count(echoes), await owner.tuples.count(echoes)]).toEqual([0, 0]);
    expect(await red.tuples.take(['ours'])).toBeNull();
    expect(await red.tuples.stream().take(['ours'])).toBeNull();
    expect(await blue.tuples.stream().count(['ours'])).toBe(1);
    expect(await red.tuples.compareAndSwap(['ours'], ['ours'], ['taken'])).toBe(false);
    expect((await blue.call('shared/b', 'take', NOTHING)).bytes).toEqual(Uint8Array.of(1));
  });

  it("of a namespace that is named as another's space is not that one's", async () => {
    await expect(owner.tuples.count(['ours'], { namespace: 'blue/default' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

it('an actor reaches those of its tenant and no others', async () => {
  const component = await readFile(await builtFixture('puppet'));
  for (const [client, service] of [
    [blue, 'p.Blue'],
    [blue, 'p.Blue2'],
    [red, 'p.Red'],
  ] as const) {
    await client.deploy({ name: service, version: '1', component, manifest: { kind: 'durable', workers: { max: 1 } } });
  }
  const ask = (to: string): Promise<unknown> => blue.invoke('p.Blue/a', 'do', [['ask', to, [['note', 'x']]]]);
  const tell = (to: string): Promise<unknown> => blue.invoke('p.Blue/a', 'do', [['tell', to, 'm', []]]);
  expect(await ask('p.Blue2/b')).toEqual([[1]]);
  for (const send of [ask, tell]) {
    expect(await send('p.Red/b')).toEqual([{ error: 'NOT_FOUND: no application serves p.Red' }]);
    expect(await send('p.None/b')).toEqual([{ error: 'NOT_FOUND: no application serves p.None' }]);
  }
  expect(await tell('p.Blue2/b')).toEqual([null]);
  expect(await red.actors('p.Red')).toEqual([]);
}, 120_000);

describe('what is kept', () => {
  it("stays its tenant's behind an undeploy, over restarts, until it is purged", async () => {
    expect(await count(blue, 'shared/kept')).toBe(1);
    await blue.undeploy('blue-app');
    await expect(deploy(red, 'red', { service: 'shared' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(deploy(owner, 'own', { service: 'shared' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await restart();
    await expect(deploy(red, 'red', { service: 'shared' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await deploy(blue, 'blue-app', { service: 'shared' });
    expect(await count(blue, 'shared/kept')).toBe(2);
    await restart();
    await expect(red.status('blue-app')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await count(blue, 'shared/kept')).toBe(3);
    await blue.undeploy('blue-app', { purge: true });
    await deploy(red, 'red', { service: 'shared' });
    expect(await count(red, 'shared/kept')).toBe(1);
  });

  it('by the default tenant is its own, too', async () => {
    await deploy(owner, 'own', { service: 'own' });
    await count(owner, 'own/a');
    await owner.undeploy('own');
    await expect(deploy(red, 'thief', { service: 'own' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await deploy(owner, 'own', { service: 'own' });
    expect(await count(owner, 'own/a')).toBe(2);
    await owner.undeploy('own', { purge: true });
    await deploy(red, 'heir', { service: 'own' });
    expect(await count(red, 'own/a')).toBe(1);
  });
});

async function start(): Promise<void> {
  running = await RunningNode.start(directory, { tokens });
  const { grpc } = running.node.addresses;
  [owner, blue, red] = await Promise.all([
    connect(grpc, { token: tokenOf('default') }),
    connect(grpc, { token: tokenOf('blue') }),
    connect(grpc, { token: tokenOf('red') }),
  ]);
}

async function stop(): Promise<void> {
  for (const client of [owner, blue, red]) client.close();
  await running.close();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

function tokenOf(tenant: (typeof TENANTS)[number]): string {
  return `${tenant}-0123456789abcdef`;
}

function as(tenant: (typeof TENANTS)[number]): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${tokenOf(tenant)}` } };
}

async function deploy(
  client: PlexSpacesClient,
  name: string,
  { service, kind = 'durable' }: { service: string; kind?: ActorKindName },
): Promise<void> {
  const manifest = { service, kind, workers: { min: 1, max: 1 } };
  await client.deploy({ name, version: '1', component: readEcho(), manifest });
}

async function names(client: PlexSpacesClient): Promise<string[]> {
  return (await client.list()).map(({ applicationId }) => applicationId);
}

async function count(client: PlexSpacesClient, actor: string): Promise<number> {
  return countOf((await client.call(actor, 'count', NOTHING)).bytes);
}
