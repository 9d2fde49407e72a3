/**
 * kill -9 at chosen points of a message, and clients that repeat what was not answered under the same idempotency
 * key: every call has taken effect once, and has the reply that it got first.
 *
 * A round is one message that was at the point when the process ended; what its journal held then is read
 * from a copy of the data directory. Several actors are hit by each kill.
 */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildStepper } from '../fixtures/components/stepper.ts';
import { builtFixture } from '../support/built-actors.ts';
import { startDaemon } from '../support/daemon.ts';
import { FAULT_POINTS } from '../support/faulty-store.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { quickOrLong, tellFigures, TEST_TIMEOUT_MS } from '../support/soak.ts';
import { countOf, stateHashOf, StepCalls, takeTuples } from '../support/step-calls.ts';
import type { StepCall } from '../support/step-calls.ts';
import { StepRun } from '../support/step-run.ts';
import type { KillPoint } from '../support/step-run.ts';

const POINTS: readonly KillPoint[] = [...FAULT_POINTS, 'inside-guest', 'after-reply'];
const ROUNDS = quickOrLong(20, 200);
const PYTHON_POINTS: readonly KillPoint[] = ['received-synced', 'inside-guest', 'processed-synced'];
const PYTHON_ROUNDS = quickOrLong(2, 20);
const SMALL = 'test.Stepper.v1';
const PYTHON = 'test.PythonStepper.v1';
/** One thread for each, so that all of them are under way at once. */
const ACTORS = 5;
const MANIFEST = { workers: { min: 1, max: ACTORS }, durability: { checkpointEvery: 3 } } as const;

/** A data directory with the steppers deployed. */
let deployed: string;

beforeAll(async () => {
  deployed = await makeScratchDirectory();
  await using daemon = await startDaemon(deployed);
  await using client = await daemon.connect();
  const small = { name: 'small', version: '1.0.0', component: await buildStepper() };
  await client.deploy({ ...small, manifest: { ...MANIFEST, service: SMALL } });
  const python = { name: 'python', version: '1.0.0', component: await readFile(await builtFixture('stepper')) };
  await client.deploy({ ...python, manifest: { ...MANIFEST, service: PYTHON } });
  await daemon.stop();
});

describe('kill -9, and calls repeated under their keys', () => {
  it.each(POINTS)(
    '%s: every call took effect once, with one reply',
    async (point) => {
      await using run = await StepRun.prepare(deployed, new StepCalls({ isKeyed: true }));
      const figures = await hit(run, [point], SMALL, ROUNDS);
      expect(run.calls.changed).toEqual([]);
      await expectOnce(run);
      tellFigures(`kill -9 ${point}`, figures);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a Python actor, at several points: every call took effect once, with one reply',
    async () => {
      await using run = await StepRun.prepare(deployed, new StepCalls({ isKeyed: true }));
      const figures = await hit(run, PYTHON_POINTS, PYTHON, PYTHON_ROUNDS);
      expect(run.calls.changed).toEqual([]);
      await expectOnce(run);
      tellFigures(`kill -9 of a Python actor, ${PYTHON_POINTS.join(', ')}`, figures);
    },
    TEST_TIMEOUT_MS,
  );
});

describe('controls', () => {
  it('without idempotency keys a repeated call counts again', async () => {
    await using run = await StepRun.prepare(deployed, new StepCalls({ isKeyed: false }));
    await run.crash('processed-synced', callsOf(SMALL, 0));
    await run.restart();
    await run.repeatAll();
    const { first } = await takeTuples(run.client);
    expect(first.length).toBeGreaterThan(ACTORS);
    expect(await run.total()).toBe(first.length);
  });

  it('without a journal the count begins again, and the repeated calls leave more tuples', async () => {
    await using run = await StepRun.prepare(deployed, new StepCalls({ isKeyed: true }));
    for (const kill of [0, 1]) await run.crash('processed-synced', callsOf(SMALL, kill), { forgets: true });
    await run.restart();
    expect(await run.total()).toBeLessThan(ACTORS);
    const { first } = await takeTuples(run.client);
    expect(first.length).toBeGreaterThan(2 * ACTORS);
  });
});

/** Kills until so many messages were at each point; then every call is repeated, twice. */
async function hit(
  run: StepRun,
  points: readonly KillPoint[],
  service: string,
  wantedRounds: number,
): Promise<Record<string, number>> {
  let rounds = 0;
  let kills = 0;
  for (const point of points) {
    let missing = wantedRounds;
    for (; missing > 0; kills += 1) {
      expect(kills).toBeLessThan(points.length * wantedRounds); // most kills hit several messages
      missing -= await run.crash(point, callsOf(service, kills));
    }
    rounds += wantedRounds - missing;
  }
  await run.restart();
  await run.repeatAll();
  await run.repeatAll();
  return { rounds, kills, keys: run.calls.all.length };
}

async function expectOnce(run: StepRun): Promise<void> {
  const { payloads } = run.calls;
  expect(await takeTuples(run.client)).toEqual({ first: payloads, second: payloads });
  expect(await run.total()).toBe(payloads.length);
  for (const address of run.addresses) {
    const { stateHash } = await run.client.checkpoint(address);
    expect(stateHash).toBe(stateHashOf(await countOf(run.client, address)));
  }
}

/** One call of each actor. */
function callsOf(service: string, kill: number): StepCall[] {
  const actors = Array.from({ length: ACTORS }, (_none, number) => `actor-${number}`);
  return actors.map((key) => ({ address: `${service}/${key}`, payload: `call ${kill} of ${key};` }));
}
