/** Repairing an actor from the command line: rewind and fork to the state that was there, effects once, kill -9 behind it. */
import { mkdir, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtFixture } from '../support/built-actors.ts';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import { startDaemon } from '../support/daemon.ts';
import type { Daemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const SERVICE = 'test.Diary.v1';
const HASH = /^[0-9a-f]{64}$/;
/** Of the first actor: a checkpoint at each of them, two of which are kept. */
const CHECKPOINTS = [4, 8] as const;
const NOTES = 12;

let daemon: Daemon;
let client: PlexSpacesClient;
/** The state hash of the first actor at each of its checkpoints, as the node told it then. */
const hashes = new Map<number, string>();

beforeAll(async () => {
  const directory = await makeScratchDirectory();
  daemon = await startDaemon(await makeScratchDirectory());
  client = await daemon.connect();
  await mkdir(join(directory, 'dist'));
  await copyFile(await builtFixture('diary'), join(directory, 'dist', 'diary.wasm'));
  const durability = { checkpointEvery: 1_000_000, checkpointMs: 86_400_000 };
  const settings = { name: 'diary', version: '1.0.0', service: SERVICE, component: 'dist/diary.wasm', durability };
  // Room for every key of a test: one that makes room for another takes a checkpoint, and cuts its journal.
  await writeFile(join(directory, 'plexspaces.json'), JSON.stringify({ ...settings, workers: { min: 1, max: 6 } }));
  await json('deploy', directory);
  for (let number = 1; number <= NOTES; number += 1) {
    await note('first', number, `key ${number}`);
    if (!CHECKPOINTS.some((checkpoint) => checkpoint === number)) continue;
    hashes.set(number, await hashOf('first'));
  }
});

afterAll(async () => {
  client.close();
  await daemon.kill();
});

function json(...args: string[]): Promise<unknown> {
  return plexspacesJson(args, { node: daemon.grpc });
}

function note(key: string, number: number, idempotencyKey?: string): Promise<unknown> {
  return client.invoke(`${SERVICE}/${key}`, 'note', { text: `note ${number}` }, { idempotencyKey });
}

async function entries(key: string): Promise<{ text: string; self: string }[]> {
  return (await client.invoke(`${SERVICE}/${key}`, 'read')) as { text: string; self: string }[];
}

function tuples(): Promise<number> {
  return client.tuples.count(['diary', { '?': 'any' }, { '?': 'any' }]);
}

async function hashOf(key: string): Promise<string> {
  return ((await json('checkpoint', `${SERVICE}/${key}`)) as { stateHash: string }).stateHash;
}

/** kill -9, and a new process on the same directory. */
async function restart(): Promise<void> {
  await daemon.kill();
  client.close();
  daemon = await startDaemon(daemon.dataDirectory);
  client = await daemon.connect();
}

describe('a fork', () => {
  it('has the state hash that the actor had, and nothing is done again', async () => {
    expect([...hashes.values()]).toEqual(CHECKPOINTS.map(() => expect.stringMatching(HASH)));
    const before = await tuples();
    const made = await json('actor', 'fork', `${SERVICE}/first`, 'as-of-8', '--at', '8');
    expect(made).toEqual({ id: `${SERVICE}/as-of-8`, sequence: 8, replayed: 0 });
    const { stdout } = await plexspaces(['actor', 'fork', `${SERVICE}/first`, '--at', '10', 'as-of-10'], {
      node: daemon.grpc,
    });
    expect(stdout).toBe(`made ${SERVICE}/as-of-10 as of message 10; 2 messages replayed\n`);
    expect(await tuples()).toBe(before);
    expect(await hashOf('as-of-8')).toBe(hashes.get(8));
    // The control: two messages more are another state.
    expect(await hashOf('as-of-10')).not.toBe(hashes.get(8));
  });

  it('remembers what the messages saw, address, time and chance, and has none of their idempotency keys', async () => {
    await json('actor', 'fork', `${SERVICE}/first`, '--at', '12', 'all');
    const original = await entries('first');
    expect(original).toHaveLength(NOTES);
    expect(original.every(({ self }) => self === `${SERVICE}/first`)).toBe(true);
    expect(await entries('all')).toEqual(original);
    const before = await tuples();
    expect(await note('all', 99, 'key 12')).toMatchObject({ text: 'note 99', self: `${SERVICE}/all` });
    await note('first', 12, 'key 12'); // the control: the first one knows it
    expect(await tuples()).toBe(before + 1);
  });

  it('is refused out of reach and where there is an actor', async () => {
    for (const [at, key, message] of [
      ['3', 'new', /OUT_OF_RANGE: fork of .*: expected a message from 4 to \d+, found 3/],
      ['999', 'new', /OUT_OF_RANGE/],
      ['8', 'as-of-8', /ALREADY_EXISTS/],
    ] as const) {
      const { code, stderr } = await plexspaces(['actor', 'fork', `${SERVICE}/first`, key, '--at', at], {
        node: daemon.grpc,
      });
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
    }
  });
});

describe('a rewind', () => {
  it('brings back the state hash that was there, keeps what it cut, tells what stands; over kill -9', async () => {
    const before = await tuples();
    const last = ((await json('actors', 'diary')) as { actors: { id: string; sequence: number }[] }).actors.find(
      ({ id }) => id === `${SERVICE}/first`,
    )?.sequence;
    const cut = await entries('first');
    const rewound = (await json('actor', 'rewind', `${SERVICE}/first`, '--to', '8')) as { branch: string };
    await restart();
    const branch = `${SERVICE}/first.rewound-${(last ?? 0) + 1}`; // `entries` was one more message
    expect(rewound).toMatchObject({
      sequence: 8,
      branch,
      standingEffectCount: 4,
      standingEffects: [9, 10, 11, 12].map((sequence) => ({ sequence, function: 'tuplespace-write' })),
    });
    expect(await hashOf('first')).toBe(hashes.get(8));
    expect(await entries(`first.rewound-${(last ?? 0) + 1}`)).toEqual(cut);
    expect(await tuples()).toBe(before);
  });

  it('lets the keys of cut messages run again, and no others', async () => {
    const before = await tuples();
    await note('first', 12, 'key 12');
    expect(await tuples()).toBe(before + 1);
    await note('first', 8, 'key 8');
    expect(await tuples()).toBe(before + 1);
    expect((await entries('first')).map(({ text }) => text)).toEqual([
      ...Array.from({ length: 8 }, (_none, index) => `note ${index + 1}`),
      'note 12',
    ]);
  });

  it('goes back as far as snapshots and journal reach, and says where it stands', async () => {
    const { stdout } = await plexspaces(['actor', 'rewind', `${SERVICE}/first`, '--to', '8'], { node: daemon.grpc });
    expect(stdout).toMatch(/^rewound test\.Diary\.v1\/first to message 8; \d+ messages cut off, all of it kept as /);
    expect(stdout).toMatch(/what they did outside stands \(1\):\n {2}\d+ {2}tuplespace-write\n$/);
    expect(await hashOf('first')).toBe(hashes.get(8));
    const again = await plexspaces(['actor', 'rewind', `${SERVICE}/first`, '--to', '8'], { node: daemon.grpc });
    expect(again.stdout).toBe(`nothing to do: message 8 is the last one of ${SERVICE}/first\n`);
    await json('actor', 'rewind', `${SERVICE}/first`, '--to', '4');
    expect(await hashOf('first')).toBe(hashes.get(4));
    const { code, stderr } = await plexspaces(['actor', 'rewind', `${SERVICE}/first`, '--to', '3'], {
      node: daemon.grpc,
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `plexspaces: OUT_OF_RANGE: rewind of ${SERVICE}/first: expected a message from 4 to 4, found 3\n`,
    });
  });
});

describe('the quarantine', () => {
  it('is empty where nothing was put aside, and says so', async () => {
    expect(await json('quarantine', 'list')).toEqual({ messages: [] });
    const { stdout } = await plexspaces(['quarantine', 'list', 'diary'], { node: daemon.grpc });
    expect(stdout).toBe('no messages in quarantine\n');
    for (const command of ['drop', 'retry']) {
      const { code } = await plexspaces(['quarantine', command, `${SERVICE}/first`, '1'], { node: daemon.grpc });
      expect(code).toBe(1);
    }
  });
});
