/** Looking into actors over the wire: what is listed, what a checkpoint says, what the journal shows. */
import { connect } from '@plexspaces/client';
import type { JournalEntry, PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildEchoWith, readEcho } from '../../fixtures/components/wat.ts';
import { countOf } from '../../support/echo.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { RunningNode } from './running-node.ts';

const HASH = /^[0-9a-f]{64}$/;

let temporary: TemporaryDirectory;
let running: RunningNode;
let client: PlexSpacesClient;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
  await start();
  await deploy('durable', readEcho(), { kind: 'durable', durability: { checkpointEvery: 3 } });
  await deploy('other', readEcho(), { kind: 'durable' });
  await deploy('plain', readEcho(), { kind: 'service' });
  await deploy('single', readEcho(), { kind: 'singleton' });
  for (const key of ['b', 'a', 'ü', 'a b']) await count(`durable/${key}`, 1);
});

afterAll(async () => {
  await stop();
  await temporary[Symbol.asyncDispose]();
});

async function start(): Promise<void> {
  running = await RunningNode.start(temporary.path);
  client = await connect(running.node.addresses.grpc);
}

async function stop(): Promise<void> {
  client.close();
  await running.close();
}

async function deploy(name: string, component: Uint8Array, manifest: object): Promise<void> {
  await client.deploy({ name, version: '1', component, manifest: { workers: { min: 1, max: 1 }, ...manifest } });
}

async function count(address: string, times: number): Promise<number> {
  let last = 0;
  for (let index = 0; index < times; index += 1) {
    last = countOf((await client.call(address, 'count', new Uint8Array())).bytes);
  }
  return last;
}

async function actor(id: string): Promise<unknown> {
  return (await client.actors()).find((other) => other.id === id);
}

describe('the actors of a node', () => {
  it('are listed by service and key, one for each service and singleton, and none that was never called', async () => {
    const ids = (await client.actors()).map(({ id }) => id);
    expect(ids).toEqual(['durable/a', 'durable/a b', 'durable/b', 'durable/ü', 'plain/default', 'single/default']);
    expect((await client.actors('durable')).map(({ id }) => id)).toEqual(ids.slice(0, 4));
    await expect(client.actors('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('come in pages, whose tokens are the way from one to the next', async () => {
    const pages: string[][] = [];
    let pageToken = '';
    do {
      const page = await running.actors.listActors({ pageSize: 2, pageToken });
      pages.push(page.actors.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(pages).toEqual([
      ['durable/a', 'durable/a b'],
      ['durable/b', 'durable/ü'],
      ['plain/default', 'single/default'],
    ]);
    await expect(running.actors.listActors({ pageSize: 1001 })).rejects.toMatchObject({ details: /^page_size: / });
    await expect(running.actors.listActors({ pageToken: '!' })).rejects.toMatchObject({ details: /^page_token: / });
  });

  it('tell where they stand, live or not, and listing brings none to life', async () => {
    await count('durable/stand', 7);
    const live = { status: 'active', sequence: 7, snapshotSequence: 6, replayed: 0, restarts: 0 };
    expect(await actor('durable/stand')).toMatchObject({ ...live, stateHash: expect.stringMatching(HASH) });
    await count('durable/a', 1); // the one worker goes to another key, which takes a checkpoint first
    const passive = { status: 'passive', sequence: 7, snapshotSequence: 7, replayed: undefined };
    expect(await actor('durable/stand')).toMatchObject(passive);
    expect(await actor('durable/stand')).toMatchObject(passive);
  });

  it('of other kinds have no sequence and no state', async () => {
    const nothing = { sequence: undefined, snapshotSequence: undefined, replayed: undefined, stateHash: undefined };
    expect(await actor('plain/default')).toMatchObject({ ...nothing, kind: 'service', status: 'active' });
    expect(await actor('single/default')).toMatchObject({ ...nothing, kind: 'singleton', status: 'active' });
    await client.stop('plain');
    expect(await actor('plain/default')).toMatchObject({ status: 'passive' });
    await client.start('plain');
  });

  it('count the instances that a failure ended', async () => {
    await count('durable/restarts', 1);
    await client.invoke('durable/restarts', 'trap', new Uint8Array()).catch(() => undefined);
    await count('durable/restarts', 1);
    expect(await actor('durable/restarts')).toMatchObject({ restarts: 1, sequence: 3, status: 'active' });
  });

  it('are found one by one', async () => {
    const { actor: found } = await running.actors.getActor({ id: 'durable/a' });
    expect(found).toMatchObject({ id: 'durable/a', applicationId: 'durable' });
    for (const id of ['durable/never', 'plain/key', 'nobody/a']) {
      await expect(running.actors.getActor({ id })).rejects.toThrow(/NOT_FOUND/);
    }
  });
});

describe('a checkpoint on request', () => {
  it('gives the number and the hash of a snapshot, the same for the same state', async () => {
    await count('durable/c1', 4);
    await count('durable/c2', 4);
    const first = await client.checkpoint('durable/c1');
    expect(first).toEqual({ sequence: 4, stateHash: expect.stringMatching(HASH) });
    expect(await client.checkpoint('durable/c1')).toEqual(first);
    expect(await client.checkpoint('durable/c2')).toEqual(first);
    expect(await actor('durable/c2')).toMatchObject({ snapshotSequence: 4, stateHash: first.stateHash });
    await count('durable/c2', 1);
    expect((await client.checkpoint('durable/c2')).stateHash).not.toBe(first.stateHash);
  });

  it('is refused to what is not durable, and to what is not there, which it does not make', async () => {
    await expect(client.checkpoint('plain')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'checkpoint: expected a durable actor, plain/default is of kind service',
    });
    await expect(client.checkpoint('durable/never')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(client.actors('durable')).resolves.not.toContainEqual(
      expect.objectContaining({ id: 'durable/never' }),
    );
  });

  it('that the actor refuses says why, and so does the listing', async () => {
    const unsaved = await buildEchoWith(
      '(i32.store8 (i32.const 4) (i32.const 1))',
      '(i32.store8 (i32.const 4) (i32.const 0))',
    );
    await deploy('unsaved', unsaved, { kind: 'durable' });
    await count('unsaved', 2);
    await expect(client.checkpoint('unsaved')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('keeps no snapshot'),
    });
    expect(await actor('unsaved/default')).toMatchObject({
      stateHash: undefined,
      snapshotSequence: undefined,
      error: expect.stringContaining('keeps no snapshot'),
    });
  });
});

describe('a journal', () => {
  const read = (address: string, from?: number): Promise<JournalEntry[]> =>
    Array.fromAsync(client.journal(address, { from }));

  it('shows messages, host calls and ends in their order', async () => {
    await client.call('other/j', 'write', Buffer.from('t'));
    await client.call('other/j', 'fail', Buffer.from('x')).catch(() => undefined);
    await client.call('other/j', 'trap', new Uint8Array()).catch(() => undefined);
    const entries = await read('other/j', 1);
    expect(entries.map(({ sequence, index, kind }) => `${sequence}.${index} ${kind}`)).toEqual([
      '1.0 received',
      '1.1 host-call',
      '1.2 processed',
      '2.0 received',
      '2.1 processed',
      '3.0 received',
      '3.1 failed',
    ]);
    expect(entries[0]).toMatchObject({ from: 'client', messageType: 'write', payload: Buffer.from('t'), epoch: 1 });
    expect(entries[1]).toMatchObject({ function: 'tuplespace-write', time: entries[0]?.time });
    expect(JSON.parse(Buffer.from(replyOf(entries[1])).toString())).toEqual({
      durationMicros: expect.any(Number),
      value: null,
    });
    expect(entries[4]).toMatchObject({ error: { code: 'EXECUTION_ERROR', message: 'no: x' } });
    expect(entries[6]).toMatchObject({ error: { code: 'INTERNAL', details: { reason: 'TRAP' } } });
    expect(Math.abs(Date.now() - Number(entries[0]?.time))).toBeLessThan(60_000);
  });

  it('begins where it was cut, or where it is asked to, and ends at a limit', async () => {
    await count('durable/cut', 11); // snapshots at 3, 6, 9, of which two are kept
    expect((await read('durable/cut'))[0]).toMatchObject({ sequence: 7, index: 0 });
    expect((await read('durable/cut', 10)).map(({ sequence }) => sequence)).toEqual([10, 10, 11, 11]);
    expect(await read('durable/cut', 12)).toEqual([]);
    const limited = await Array.fromAsync(running.actors.readJournal({ id: 'durable/cut', limit: 3n }));
    expect(limited.map(({ sequence }) => sequence)).toEqual([7n, 7n, 8n]);
  });

  it('can be left in the middle', async () => {
    await count('other/long', 200);
    for await (const { sequence } of client.journal('other/long')) if (sequence === 3) break;
    expect(await count('other/long', 1)).toBe(201);
  });

  it('is of durable actors that are there', async () => {
    await expect(read('plain')).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await expect(read('durable/never')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('after a restart', () => {
  it('all of it is there before any actor runs', async () => {
    await count('durable/again', 5);
    await stop(); // takes a last checkpoint
    await start();
    const passive = { status: 'passive', sequence: 5, snapshotSequence: 5, replayed: undefined };
    expect(await actor('durable/again')).toMatchObject(passive);
    const journal = await Array.fromAsync(client.journal('durable/again'));
    expect(journal.map(({ sequence }) => sequence)).toEqual([4, 4, 5, 5]);
    const { stateHash } = await client.checkpoint('durable/again');
    expect(await actor('durable/again')).toMatchObject({ ...passive, status: 'active', replayed: 0, stateHash });
    expect(await count('durable/again', 1)).toBe(6);
  });
});

function replyOf(entry: JournalEntry | undefined): Uint8Array {
  return entry?.kind === 'host-call' ? entry.reply : new Uint8Array();
}
