/**
 * kill -9 at random moments against a running load: nothing acknowledged is lost, nothing takes effect twice, and
 * the state is the one that the calls make. PLEXSPACES_SEED repeats a run's choices.
 */
import { cp, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildHastyStepper } from '../fixtures/components/stepper.ts';
import { builtFixture } from '../support/built-actors.ts';
import { startDaemon } from '../support/daemon.ts';
import type { DaemonOptions } from '../support/daemon.ts';
import { FORGETFUL } from '../support/faulty-program.ts';
import { KillLoop } from '../support/kill-loop.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { quickOrLong, tellFigures, TEST_TIMEOUT_MS } from '../support/soak.ts';
import { countOf, stateHashOf, StepCalls, takeTuples } from '../support/step-calls.ts';

const KILLS = quickOrLong(6, 200);
/** One is enough nearly always. */
const CONTROL_KILLS = 10;
/** More keys than may be live at once, so that actors make room for each other as well. */
const ACTORS = ['often/a', 'often/b', 'often/c', 'seldom/a', 'python'] as const;
/** A call of the Python actor takes as long as many of the others. */
const ADDRESSES = [...ACTORS, ...ACTORS.filter((address) => address !== 'python'), 'often/a', 'often/b', 'seldom/a'];
/** No message here kills anything: however often it is interrupted, it is to be finished. */
const maxAttempts = 1_000;
const OFTEN = { workers: { max: 1, residentActors: 2 }, durability: { checkpointEvery: 7, maxAttempts } } as const;
const SELDOM = { workers: { max: 1 }, durability: { checkpointEvery: 1_000_000, maxAttempts } } as const;

const random = seededRandom();
/** A data directory with the actors deployed. */
let deployed: string;

beforeAll(async () => {
  deployed = await makeScratchDirectory();
  await using daemon = await startDaemon(deployed);
  await using client = await daemon.connect();
  const hasty = await buildHastyStepper();
  await client.deploy({ name: 'often', version: '1.0.0', component: hasty, manifest: OFTEN });
  await client.deploy({ name: 'seldom', version: '1.0.0', component: hasty, manifest: SELDOM });
  const python = await readFile(await builtFixture('stepper'));
  await client.deploy({ name: 'python', version: '1.0.0', component: python, manifest: OFTEN });
  await daemon.stop();
});

describe(`kill -9 at random moments under load, seed ${random.seed}`, () => {
  it(
    'loses nothing, repeats nothing, and comes to the same state',
    async () => {
      const calls = new StepCalls({ isKeyed: true });
      await using loop = await loopOver(calls);
      for (let kill = 0; kill < KILLS; kill += 1) await loop.run();
      const acknowledged = calls.acknowledged;
      await loop.settle();
      await loop.repeatAll();
      expect({ lost: loop.lost, changed: calls.changed }).toEqual({ lost: [], changed: [] });
      expect(acknowledged).toBeGreaterThan(KILLS);
      const { payloads } = calls;
      expect(await takeTuples(loop.client)).toEqual({ first: payloads, second: payloads });
      expect(await total(loop)).toBe(payloads.length);
      await expectStates(loop);
      const { earlyKills } = loop;
      tellFigures('kill loop', { seed: random.seed, kills: KILLS, earlyKills, acknowledged, keys: payloads.length });
    },
    TEST_TIMEOUT_MS,
  );
});

describe('controls', () => {
  it('without keys, repeated calls take effect twice', async () => {
    const calls = new StepCalls({ isKeyed: false });
    await using loop = await loopOver(calls);
    let counted = 0;
    for (let kill = 0; kill < CONTROL_KILLS && counted <= calls.payloads.length; kill += 1) {
      await loop.run();
      await loop.settle();
      counted = await total(loop);
    }
    expect(counted).toBeGreaterThan(calls.payloads.length);
  });

  it('without a journal, acknowledged calls are lost', async () => {
    const calls = new StepCalls({ isKeyed: true });
    await using loop = await loopOver(calls, FORGETFUL);
    while (calls.acknowledged === 0) await loop.run();
    await loop.settle();
    expect(loop.lost).not.toEqual([]);
  });
});

async function loopOver(calls: StepCalls, daemon: DaemonOptions = {}): Promise<KillLoop> {
  const dataDirectory = await makeScratchDirectory();
  await cp(deployed, dataDirectory, { recursive: true });
  return new KillLoop({ dataDirectory, calls, addresses: ADDRESSES, random, daemon });
}

async function total(loop: KillLoop): Promise<number> {
  let sum = 0;
  for (const address of ACTORS) sum += await countOf(loop.client, address);
  return sum;
}

/** As it is live, and as a replay after one more kill gives it. */
async function expectStates(loop: KillLoop): Promise<void> {
  const counts = new Map<string, number>();
  for (const address of ACTORS) counts.set(address, await countOf(loop.client, address));
  await loop.start();
  for (const [address, count] of counts) {
    const { stateHash } = await loop.client.checkpoint(address);
    expect({ address, stateHash }).toEqual({ address, stateHash: stateHashOf(count) });
  }
}
