/**
 * kill -9 at random moments while actors tell and ask each other: every message is handled once, in the order of its
 * sender. PLEXSPACES_SEED repeats a run's choices.
 */
import { cp, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtFixture } from '../support/built-actors.ts';
import { startDaemon } from '../support/daemon.ts';
import type { DaemonOptions } from '../support/daemon.ts';
import { dyingBehind, forgetting } from '../support/faulty-program.ts';
import { BANK, MessageLoad, SENDERS, SINK } from '../support/message-load.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { quickOrLong, tellFigures, TEST_TIMEOUT_MS } from '../support/soak.ts';

const KILLS = quickOrLong(6, 100);
/** No message here kills anything: however often it is interrupted, it is to be finished. */
const durability = { checkpointEvery: 7, maxAttempts: 1_000 };
const LIMITS = { callMs: 60_000 };

const random = seededRandom();
/** A data directory with the actors deployed. */
let deployed: string;

beforeAll(async () => {
  deployed = await makeScratchDirectory();
  await using daemon = await startDaemon(deployed);
  await using client = await daemon.connect();
  const component = await readFile(await builtFixture('puppet'));
  for (const name of ['sender', SINK, BANK]) {
    const workers = { max: name === 'sender' ? 2 : 1, residentActors: 2 };
    const manifest = { kind: 'durable', workers, durability, limits: LIMITS } as const;
    await client.deploy({ name, version: '1.0.0', component, manifest });
  }
  await daemon.stop();
});

describe(`kill -9 while messages travel, seed ${random.seed}`, () => {
  it(
    'every tell and every ask is handled once, tells in the order of their sender',
    async () => {
      await using load = await loadOver();
      for (let kill = 0; kill < KILLS; kill += 1) await load.run();
      const { acknowledged } = load;
      await load.settle();
      const sorted = load.sent.toSorted();
      expect((await load.notes(BANK)).toSorted()).toEqual(sorted);
      const told = await load.notes(SINK);
      expect(told).toHaveLength(sorted.length);
      for (const sender of SENDERS) expect(from(sender, told)).toEqual(await load.notes(sender));
      expect(acknowledged).toBeGreaterThan(0); // how many is the machine's business
      tellFigures('message kills', { seed: random.seed, kills: KILLS, acknowledged, messages: 2 * sorted.length });
    },
    TEST_TIMEOUT_MS,
  );
});

interface Death {
  readonly behind: string;
  /** What is not kept in the control. */
  readonly record: string;
  readonly address: string;
  readonly controlled: number;
}

describe.each<[what: string, death: Death]>([
  ['with a tell in the inbox', { behind: 'x/', record: 'x/', address: SINK, controlled: 0 }],
  ['in the midst of what was asked', { behind: `u/${BANK}`, record: `i/${BANK}`, address: BANK, controlled: 2 }],
])('a kill %s', (_what, { behind, record, address, controlled }) => {
  it.each([
    ['loses nothing and has nothing done twice', [], 1],
    ['is seen to, where its record is not kept', [record], controlled],
  ])(
    '%s',
    async (_is, forgotten, expected) => {
      await using load = await loadOver(forgetting(...forgotten));
      await load.dieOnce(dyingBehind(behind, forgotten));
      expect(await load.notes(address)).toHaveLength(expected);
    },
    TEST_TIMEOUT_MS,
  );
});

async function loadOver(daemon: DaemonOptions = {}): Promise<MessageLoad> {
  const dataDirectory = await makeScratchDirectory();
  await cp(deployed, dataDirectory, { recursive: true });
  return new MessageLoad({ dataDirectory, random, daemon });
}

function from(sender: string, told: readonly string[]): string[] {
  return told.filter((note) => note.startsWith(`${sender} `)).map((note) => note.slice(sender.length + 1));
}
