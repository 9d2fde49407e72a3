/**
 * Replay gives what was there: time, randomness and tuples as they were told, from the first message or from a
 * snapshot; a replay that does something else stops that actor and no other.
 */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActorInfo, PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LevelStore } from '../../packages/runtime/src/store/level-store.ts';
import { buildEchoWith } from '../fixtures/components/wat.ts';
import { builtFixture } from '../support/built-actors.ts';
import { plexspacesJson } from '../support/command-line.ts';
import { startDaemon } from '../support/daemon.ts';
import type { Daemon } from '../support/daemon.ts';
import { tamperDigest } from '../support/journal-edits.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const LOOKS = 6;
const CHECKPOINT_BEHIND = 3;
const LONG_CALLS = 200;
const SOURCES = [
  'time',
  'monotonic',
  'now',
  'random',
  'shuffled',
  'uuid1',
  'uuid4',
  'secret',
  'urandom',
  'price',
] as const;
const NEVER = { checkpointEvery: 1_000_000, checkpointMs: 86_400_000 } as const;
const OFTEN = { checkpointEvery: 10 } as const;
/** One thread for each key, since a key that makes room for another is checkpointed. */
const ROOM = { min: 1, max: 3 } as const;
const COUNT = '(global.set $counter (i32.add (global.get $counter) (i32.const 1)))';
const WRITE = '(if (i32.load8_u (call $do_write (local.get $payload) (local.get $length))) (then unreachable))';
const TAKE = '(if (i32.load8_u (call $do_take)) (then unreachable))';

let daemon: Daemon;
let client: PlexSpacesClient;
/** What each witness told before the kill, as it came. */
const told = new Map<string, string[]>();
let long: { readonly before: unknown; readonly forgetful: readonly string[] };

beforeAll(async () => {
  daemon = await startDaemon(await makeScratchDirectory());
  client = await daemon.connect();
  const witness = await readFile(await builtFixture('witness'));
  const keepless = await readFile(await builtFixture('no_snapshot'));
  await deploy('witness', witness, { workers: ROOM, durability: NEVER });
  await deploy('forgetful', witness, { durability: OFTEN }, { FORGETS: '1' });
  await deploy('keepless', keepless, { durability: OFTEN });
  await deploy('moved', await buildEchoWith(COUNT, `${COUNT} ${WRITE} ${TAKE}`), {});
  await actLive();
  await daemon.kill();
  client.close();
  await tamper(daemon.dataDirectory);
  daemon = await startDaemon(daemon.dataDirectory);
  client = await daemon.connect();
  await changePrice(-1);
});

afterAll(async () => {
  client.close();
  await daemon.kill();
});

describe('kill -9, and other tuples in the space than were read', () => {
  it.each([
    { key: 'whole', from: 'the first message', replayed: LOOKS },
    { key: 'cut', from: 'a snapshot', replayed: LOOKS - CHECKPOINT_BEHIND },
  ])('replay from $from gives the old values and the same state', async ({ key, replayed }) => {
    const before = told.get(key) ?? [];
    expect(await recall(`witness/${key}`)).toEqual(before);
    expect(await listed('witness', key)).toMatchObject({ status: 'active', replayed });
    const { stateHash } = await client.checkpoint(`witness/${key}`);
    expect(stateHash).toBe(hash('sha256', before.join('\n'), 'hex'));
    // The control: drawn again, every value is another one.
    const again = await look(`witness/${key}`);
    for (const line of before) {
      const [then, now] = [parse(line), parse(again)];
      for (const source of SOURCES) expect({ source, value: now[source] }).not.toEqual({ source, value: then[source] });
    }
  });
});

describe('an actor without snapshot_state', () => {
  it(`loses nothing over ${LONG_CALLS} calls and a kill -9`, async () => {
    expect(long.before).toEqual({ count: LONG_CALLS });
    expect(await client.invoke('keepless', 'count')).toEqual(long.before);
    await client.invoke('keepless', 'add');
    const refused = expect.stringContaining('keeps no snapshot');
    await expect(client.checkpoint('keepless')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: refused,
    });
    const info = await listed('keepless', 'default');
    expect(info).toMatchObject({ replayed: LONG_CALLS + 1, snapshotSequence: undefined, error: refused });
  });
});

describe('an actor whose snapshot does not restore itself', () => {
  it('is told so in its status, and loses nothing', async () => {
    expect(long.forgetful).toHaveLength(3 * OFTEN.checkpointEvery);
    expect(await recall('forgetful')).toEqual(long.forgetful);
    await expect(client.checkpoint('forgetful')).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    const { actors } = (await plexspacesJson(['actors', 'forgetful'], { node: daemon.grpc })) as { actors: unknown[] };
    const error = expect.stringContaining('does not restore itself');
    expect(actors).toMatchObject([{ id: 'forgetful/default', snapshotSequence: null, stateHash: null, error }]);
  });
});

describe('a replay that diverges', () => {
  it('stops that actor, naming sequence, expected and found call; the others serve on', async () => {
    const message =
      'replay of witness/tampered diverged at message 2, host call 1: ' +
      'expected tuplespace-read, found tuplespace-read with other arguments';
    await expectStopped('witness', 'tampered', message);
    await expect(client.invoke('witness/new', 'look')).resolves.toHaveProperty('uuid4');
  });

  it('a build with a host call moved, over the same journal: stopped; the build from before goes on', async () => {
    await deploy('moved', await buildEchoWith(COUNT, `${COUNT} ${TAKE} ${WRITE}`), {});
    const message =
      'replay of moved/default diverged at message 1, host call 1: expected tuplespace-write, found tuplespace-take';
    await expectStopped('moved', 'default', message);
    await client.invoke('moved/new', 'count', Buffer.from('x'));
    await deploy('moved', await buildEchoWith(COUNT, `${COUNT} ${WRITE} ${TAKE}`), {});
    const { bytes } = await client.call('moved', 'count', Buffer.from('x'));
    expect(Buffer.from(bytes).readUInt32LE()).toBe(3);
  });
});

async function deploy(name: string, component: Uint8Array, manifest: object, env = {}): Promise<void> {
  const present = await client.list();
  if (present.some(({ applicationId }) => applicationId === name)) await client.undeploy(name);
  await client.deploy({ name, version: '1.0.0', component, manifest, env });
}

async function actLive(): Promise<void> {
  for (let number = 1; number <= LOOKS; number += 1) {
    await changePrice(number);
    for (const key of ['whole', 'cut', 'tampered']) {
      told.set(key, [...(told.get(key) ?? []), await look(`witness/${key}`)]);
    }
    if (number === CHECKPOINT_BEHIND) await client.checkpoint('witness/cut');
  }
  for (let call = 0; call < LONG_CALLS; call += 1) await client.invoke('keepless', 'add');
  const forgetful: string[] = [];
  while (forgetful.length < 3 * OFTEN.checkpointEvery) forgetful.push(await look('forgetful'));
  long = { before: await client.invoke('keepless', 'count'), forgetful };
  for (const payload of ['a', 'b']) await client.invoke('moved', 'count', Buffer.from(payload));
}

/** While no node owns the directory. */
async function tamper(dataDirectory: string): Promise<void> {
  const store = await LevelStore.open(join(dataDirectory, 'db'));
  await tamperDigest(store, { service: 'witness', key: 'tampered' }, 2n);
  await store.close();
}

/** Someone else takes the tuple that the witnesses read, and leaves another one. */
async function changePrice(price: number): Promise<void> {
  await client.tuples.take(['price', { '?': 'any' }]);
  await client.tuples.write(['price', price]);
}

async function look(address: string): Promise<string> {
  const { bytes } = await client.call(address, 'look');
  return Buffer.from(bytes).toString();
}

async function recall(address: string): Promise<string[]> {
  const { bytes } = await client.call(address, 'recall');
  return Buffer.from(bytes).toString().split('\n');
}

function parse(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}

async function listed(application: string, key: string): Promise<ActorInfo | undefined> {
  const actors = await client.actors(application);
  return actors.find(({ id }) => id === `${application}/${key}`);
}

async function expectStopped(application: string, key: string, message: string): Promise<void> {
  const diverged = { code: 'ABORTED', message, details: { reason: 'REPLAY_DIVERGED' } };
  for (const method of ['count', 'recall']) {
    await expect(client.invoke(`${application}/${key}`, method)).rejects.toMatchObject(diverged);
  }
  expect(await listed(application, key)).toMatchObject({ status: 'failed', error: message });
}
