/** Repairing actors over the wire, on a real database: rewind, fork, what is in quarantine. */
import { join } from 'node:path';
import { connect } from '@plexspaces/client';
import type { PlexSpacesClient } from '@plexspaces/client';
import { Failed, MessageKind } from '@plexspaces/proto';
import type { QuarantineRecord } from '@plexspaces/proto';
import { encodeHostReply } from '@plexspaces/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LevelStore } from '../../../packages/runtime/src/store/level-store.ts';
import { QuarantineRecords } from '../../../packages/runtime/src/store/quarantine-records.ts';
import { readEcho } from '../../fixtures/components/wat.ts';
import { countOf } from '../../support/echo.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { RunningNode } from './running-node.ts';

const ECHOES = ['echo', { '?': 'any' }] as const;

let temporary: TemporaryDirectory;
let running: RunningNode;
let client: PlexSpacesClient;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
  await start();
  for (const [name, kind] of [
    ['app', 'durable'],
    ['other', 'durable'],
    ['plain', 'service'],
  ] as const) {
    // Room for the keys of a test: one that makes room for another takes a checkpoint, and cuts its journal.
    const manifest = { kind, workers: { min: 1, max: 4 }, durability: { checkpointEvery: 100 } };
    await client.deploy({ name, version: '1', component: readEcho(), manifest });
  }
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

async function count(address: string, times = 1): Promise<number> {
  let last = 0;
  for (let index = 0; index < times; index += 1) {
    last = countOf((await client.call(address, 'count', new Uint8Array())).bytes);
  }
  return last;
}

describe('fork and rewind', () => {
  it('give the state hash that was there, and do nothing again', async () => {
    await count('app/a', 3);
    await client.call('app/a', 'write', Buffer.from('x'));
    await count('app/twin', 3);
    await client.call('app/twin', 'write', Buffer.from('x'));
    const tuples = await client.tuples.count(ECHOES);
    await count('app/a', 4);
    expect(await client.fork('app/a', 4, 'b')).toEqual({ id: 'app/b', sequence: 4, replayed: 4 });
    const { stateHash } = await client.checkpoint('app/twin');
    expect(await client.checkpoint('app/b')).toEqual({ sequence: 4, stateHash });
    expect(await client.rewind('app/a', 4)).toEqual({
      sequence: 4,
      branch: 'app/a.rewound-8',
      cutMessages: 4,
      standingEffects: [],
      standingEffectCount: 0,
    });
    expect((await client.actors('app')).find(({ id }) => id === 'app/a')).toMatchObject({
      status: 'passive',
      sequence: 4,
      stateHash: undefined,
    });
    expect(await client.checkpoint('app/a')).toEqual({ sequence: 4, stateHash });
    expect(await client.tuples.count(ECHOES)).toBe(tuples);
    expect(await count('app/a.rewound-8')).toBe(8);
    await count('app/a');
    expect((await client.checkpoint('app/a')).stateHash).not.toBe(stateHash);
  });

  it('tell what stands of the messages that were cut', async () => {
    await client.call('app/w', 'write', Buffer.from('x'));
    expect(await client.rewind('app/w', 0)).toMatchObject({
      standingEffects: [{ sequence: 1, function: 'tuplespace-write' }],
      standingEffectCount: 1,
    });
    expect(await client.rewind('app/w', 0)).toMatchObject({ branch: undefined, cutMessages: 0 });
  });

  it('take a new key of any form, and an address of the same service', async () => {
    await count('app/k', 1);
    for (const [given, made] of [
      ['x/y', 'app/x/y'],
      ['app/z', 'app/z'],
      ['other/z', 'app/other/z'],
      ['ü b', 'app/ü b'],
    ] as const) {
      expect((await client.fork('app/k', 1, given)).id).toBe(made);
      expect(await count(made)).toBe(2);
    }
    for (const key of ['', 'a\nb', 'x'.repeat(257)]) {
      await expect(client.fork('app/k', 1, key)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  it('are refused by name where they cannot be', async () => {
    await count('app/r', 2);
    const ids = (await client.actors()).map(({ id }) => id);
    await expect(client.fork('app/r', 3, 'new')).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    await expect(client.rewind('app/r', 3)).rejects.toMatchObject({
      code: 'OUT_OF_RANGE',
      message: 'rewind of app/r: expected a message from 0 to 2, found 3',
    });
    await expect(client.fork('app/r', 1, 'r')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    for (const [address, code] of [
      ['app/never', 'NOT_FOUND'],
      ['nobody/a', 'NOT_FOUND'],
      ['plain', 'FAILED_PRECONDITION'],
      ['plain/key', 'FAILED_PRECONDITION'],
    ] as const) {
      await expect(client.rewind(address, 0)).rejects.toMatchObject({ code });
      await expect(client.fork(address, 0, 'new')).rejects.toMatchObject({ code });
    }
    await expect(client.rewind('app/r', -1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(running.actors.rewindActor({ id: 'app/r' })).rejects.toThrow(/to_sequence: expected the number/);
    await expect(running.actors.forkActor({ id: 'app/r', newKey: 'n' })).rejects.toThrow(/at_sequence: expected/);
    expect((await client.actors()).map(({ id }) => id)).toEqual(ids);
    expect(await count('app/r')).toBe(3);
  });
});

describe('what is in quarantine', () => {
  const at = new Date(1_000_000);

  beforeAll(async () => {
    await count('app/q', 1);
    await stop();
    const store = await LevelStore.open(join(temporary.path, 'db'));
    const records = new QuarantineRecords(store);
    const operations = [
      ['app', 'q', 5n],
      ['app', 'q', 7n],
      ['app', 'r', 2n],
      ['other', 'default', 1n],
    ] as const;
    await store.batch(
      operations.map(([service, key, sequence]) => records.put({ service, key }, quarantined(sequence))),
      { sync: true },
    );
    await store.close();
    await start();
  });

  function quarantined(sequence: bigint): QuarantineRecord {
    const reply = encodeHostReply({ ok: true, value: { type: 'unit' }, durationMicros: 1 });
    return {
      sequence,
      received: {
        fromActor: 'client',
        messageType: 'loop',
        payload: Buffer.from('x'.repeat(2000)),
        kind: MessageKind.MESSAGE_KIND_REQUEST,
        startMicros: 1n,
        seed: new Uint8Array(32),
        attempt: 1,
        idempotencyKey: '',
      },
      hostCalls: [
        { function: 'tuplespace-write', argumentsDigest: new Uint8Array(32), reply },
        { function: 'tuplespace-count', argumentsDigest: new Uint8Array(32), reply },
      ],
      attempts: 5,
      lastFailure: Failed.fromPartial({ code: 'DEADLINE_EXCEEDED', message: 'it did not end' }),
      quarantinedAt: at,
    };
  }

  async function places(applicationId?: string): Promise<string[]> {
    return (await client.quarantine.list(applicationId)).map(({ id, sequence }) => `${id} ${sequence}`);
  }

  it('is listed by actor and number, with what a retry would start from', async () => {
    expect(await places()).toEqual(['app/q 5', 'app/q 7', 'app/r 2', 'other/default 1']);
    expect(await places('other')).toEqual(['other/default 1']);
    expect(await places('plain')).toEqual([]);
    await expect(places('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const [first] = await client.quarantine.list('other');
    expect(first).toEqual({
      id: 'other/default',
      sequence: 1,
      from: 'client',
      messageType: 'loop',
      payload: Buffer.from('x'.repeat(1024)),
      payloadSize: 2000,
      attempts: 5,
      lastFailure: { code: 'DEADLINE_EXCEEDED', message: 'it did not end', details: {} },
      quarantinedAt: at,
      standingEffects: [{ sequence: 1, function: 'tuplespace-write' }],
    });
  });

  it('comes in pages', async () => {
    const pages: string[][] = [];
    let pageToken = '';
    do {
      const page = await running.actors.listQuarantined({ pageSize: 1, pageToken });
      pages.push(page.messages.map(({ id, sequence }) => `${id} ${sequence}`));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(pages).toEqual([['app/q 5'], ['app/q 7'], ['app/r 2'], ['other/default 1']]);
    for (const request of [{ pageSize: 1001 }, { pageToken: '!' }, { pageToken: 'YQ' }]) {
      await expect(running.actors.listQuarantined(request)).rejects.toThrow(/INVALID_ARGUMENT/);
    }
  });

  it('is forgotten one by one', async () => {
    await client.quarantine.drop('app/q', 5);
    expect(await places('app')).toEqual(['app/q 7', 'app/r 2']);
    await expect(client.quarantine.drop('app/q', 5)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'quarantine: expected message 5 of app/q, found none',
    });
    await expect(client.quarantine.drop('plain', 1)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    expect(await count('app/q')).toBe(2);
  });

  it('goes with its application where that is purged', async () => {
    await client.undeploy('other', { purge: true });
    expect(await places()).toEqual(['app/q 7', 'app/r 2']);
    const manifest = { kind: 'durable', workers: { min: 1, max: 1 } } as const;
    await client.deploy({ name: 'other', version: '1', component: readEcho(), manifest });
    expect(await places()).toEqual(['app/q 7', 'app/r 2']);
  });
});
