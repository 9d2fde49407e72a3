/**
 * kill -9 around the firing of durable timers: each that was set fires once over all lives, in the actor's state and in
 * what it leaves outside. PLEXSPACES_SEED repeats a run's choices.
 */
import { cp, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtFixture } from '../support/built-actors.ts';
import { startDaemon } from '../support/daemon.ts';
import type { DaemonOptions } from '../support/daemon.ts';
import { LATE_ENDS } from '../support/faulty-program.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { quickOrLong, tellFigures, TEST_TIMEOUT_MS } from '../support/soak.ts';
import { TimerLoop } from '../support/timer-loop.ts';

const KILLS = quickOrLong(10, 200);
/** One is enough nearly always. */
const CONTROL_KILLS = 10;
/** More keys than may be live at once: some are brought to life by their timers. */
const ADDRESSES = ['alarm/a', 'alarm/b', 'alarm/c'] as const;
/** No message here kills anything: however often it is interrupted, it is to be finished. */
const DURABILITY = { checkpointEvery: 25, maxAttempts: 1_000 };

const random = seededRandom();
/** A data directory with the actors deployed. */
let deployed: string;

beforeAll(async () => {
  deployed = await makeScratchDirectory();
  await using daemon = await startDaemon(deployed);
  await using client = await daemon.connect();
  const manifest = { workers: { max: 1, residentActors: 2 }, durability: DURABILITY };
  const component = await readFile(await builtFixture('alarm'));
  await client.deploy({ name: 'alarm', version: '1.0.0', component, manifest });
  await daemon.stop();
});

describe(`kill -9 around timers, seed ${random.seed}`, () => {
  it(
    'loses none and lets none fire twice',
    async () => {
      await using loop = await loopOver();
      for (let kill = 0; kill < KILLS; kill += 1) await loop.run();
      expect(await loop.settle()).toEqual(loop.expected);
      expect(await loop.takeLeft()).toEqual(loop.expected);
      tellFigures('timers', { seed: random.seed, kills: KILLS, timers: loop.expected.length });
    },
    TEST_TIMEOUT_MS,
  );

  it('control: a timer whose end is another append than its message fires twice', async () => {
    await using loop = await loopOver(LATE_ENDS);
    let repeated = 0;
    for (let kill = 0; kill < CONTROL_KILLS && repeated === 0; kill += 1) {
      await loop.run();
      const heard = await loop.settle();
      repeated = heard.length - new Set(heard).size;
    }
    expect(repeated).toBeGreaterThan(0);
  });
});

async function loopOver(daemon: DaemonOptions = {}): Promise<TimerLoop> {
  const dataDirectory = await makeScratchDirectory();
  await cp(deployed, dataDirectory, { recursive: true });
  return new TimerLoop({ dataDirectory, addresses: ADDRESSES, random, daemon });
}
