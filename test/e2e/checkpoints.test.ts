/** Recovery by snapshot and journal, and what the command line shows of it: kill -9 between calls. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtApplication } from '../support/built-actors.ts';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import { startDaemon } from '../support/daemon.ts';
import type { Daemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const CALLS = 25;
const NEVER = 1_000_000_000;
const MAX_MS = 86_400_000;
/** Each application with how its checkpoints are set; `forgetful` is the control: it keeps nothing. */
const APPLICATIONS = {
  frequent: { kind: 'durable', durability: { checkpointEvery: 10 } },
  never: { kind: 'durable', durability: { checkpointEvery: NEVER, checkpointMs: MAX_MS } },
  forgetful: { kind: 'service', workers: { min: 1, max: 1 } },
} as const;
/** Enough threads for every key in use: a key that must make room would be checkpointed. */
const ROOM = { workers: { min: 1, max: 3 } } as const;

interface Listed {
  readonly id: string;
  readonly snapshotSequence: number | null;
  readonly stateHash: string | null;
}

let daemon: Daemon;
let client: PlexSpacesClient;
/** Taken before the kill, of actors that handled the same calls as the ones looked at after it. */
let hashBefore: unknown;

beforeAll(async () => {
  daemon = await startDaemon(await makeScratchDirectory());
  client = await daemon.connect();
  for (const name of Object.keys(APPLICATIONS)) await plexspacesJson(['deploy', await copyOf(name)], onNode());
  for (const address of ['frequent/one', 'frequent/two', 'frequent/twin', 'never/one', 'forgetful']) {
    for (let call = 1; call <= CALLS; call += 1) await add(address);
  }
  hashBefore = await plexspacesJson(['checkpoint', 'frequent/twin'], onNode());
  await daemon.kill();
  client.close();
  daemon = await startDaemon(daemon.dataDirectory);
  client = await daemon.connect();
});

afterAll(async () => {
  client.close();
  await daemon.kill();
});

/** The Python durable calculator with settings of this test. @returns its directory. */
async function copyOf(name: string): Promise<string> {
  const source = await builtApplication('durable_calculator');
  const directory = join(await makeScratchDirectory(), name);
  await mkdir(join(directory, 'dist'), { recursive: true });
  await cp(join(source, 'dist', 'durable_calculator.wasm'), join(directory, 'dist', `${name}.wasm`));
  const config = JSON.parse(await readFile(join(source, 'plexspaces.json'), 'utf8')) as object;
  const settings = Object.entries(APPLICATIONS).find(([other]) => other === name)?.[1];
  const text = JSON.stringify({ ...config, ...ROOM, ...settings, name, service: name, component: `dist/${name}.wasm` });
  await writeFile(join(directory, 'plexspaces.json'), text);
  return directory;
}

function onNode(): { readonly node: string } {
  return { node: daemon.grpc };
}

async function add(address: string): Promise<number> {
  const { operation_count: count } = (await client.invoke(address, 'add', [1, 2])) as { operation_count: number };
  return count;
}

async function listed(id: string): Promise<Listed | undefined> {
  const { actors } = (await plexspacesJson(['actors'], onNode())) as { actors: Listed[] };
  return actors.find((actor) => actor.id === id);
}

async function journalOf(address: string, ...options: string[]): Promise<Record<string, unknown>[]> {
  const { code, stdout } = await plexspaces(['journal', address, ...options, '--json'], onNode());
  expect(code).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a checkpoint every 10 messages, 25 calls and kill -9', () => {
  it('lists the actor as it stands before anything of it runs', async () => {
    const passive = { kind: 'durable', status: 'passive', sequence: 25, snapshotSequence: 20, replayed: null };
    expect(await listed('frequent/one')).toMatchObject(passive);
    expect(await listed('frequent/one')).toMatchObject(passive);
  });

  it('goes on with call 26, from the snapshot at 20 with 5 messages replayed', async () => {
    expect(await add('frequent/one')).toBe(CALLS + 1);
    expect(await listed('frequent/one')).toMatchObject({
      status: 'active',
      sequence: 26,
      snapshotSequence: 20,
      replayed: 5,
      stateHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      restarts: 0,
    });
  });

  it('has the state from before', async () => {
    expect(hashBefore).toEqual({ sequence: CALLS, stateHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await plexspacesJson(['checkpoint', 'frequent/two'], onNode())).toEqual(hashBefore);
    expect(await listed('frequent/two')).toMatchObject({ ...(hashBefore as object), replayed: 5 });
    // The control: one call more is another state.
    expect(await plexspacesJson(['checkpoint', 'frequent/one'], onNode())).not.toMatchObject({
      stateHash: (hashBefore as { stateHash: string }).stateHash,
    });
  });

  it('keeps the journal behind the oldest snapshot, and shows it', async () => {
    const kept = await journalOf('frequent/one');
    expect(new Set(kept.map(({ sequence }) => sequence))).toEqual(new Set([21, 22, 23, 24, 25, 26]));
    const last = await journalOf('frequent/one', '--from', '26');
    expect(last).toEqual(kept.slice(-2));
    expect(last).toMatchObject([
      { index: 0, kind: 'received', from: 'client', messageType: 'add', payload: '[1,2]', time: last[1]?.['time'] },
      { index: 1, kind: 'processed', reply: expect.stringContaining(`"operation_count":${CALLS + 1}`) },
    ]);
  });
});

describe('without snapshots', () => {
  it('all 25 are replayed, to the same state', async () => {
    expect(await listed('never/one')).toMatchObject({ snapshotSequence: null, stateHash: null, sequence: CALLS });
    expect(await plexspacesJson(['checkpoint', 'never/one'], onNode())).toEqual(hashBefore);
    expect(await listed('never/one')).toMatchObject({ replayed: CALLS });
    expect(await add('never/one')).toBe(CALLS + 1);
  });
});

describe('without a journal (control)', () => {
  it('the count begins again, and there is nothing to look into', async () => {
    expect(await add('forgetful')).toBe(1);
    expect(await listed('forgetful/default')).toMatchObject({ kind: 'service', sequence: null, stateHash: null });
    const { code, stderr } = await plexspaces(['checkpoint', 'forgetful'], onNode());
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('FAILED_PRECONDITION') });
  });
});
