/**
 * Histories of the tuple space of a real node, which clients and guests in threads use at the same time while it is killed
 * and started again, have an order that explains them. PLEXSPACES_SEED repeats what was done, not when.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtFixture } from '../support/built-actors.ts';
import { PROJECT } from '../support/command-line.ts';
import { startDaemon } from '../support/daemon.ts';
import { RACY } from '../support/faulty-program.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { quickOrLong, tellFigures } from '../support/soak.ts';
import { check } from './checker.ts';
import type { Verdict } from './checker.ts';
import type { Operation } from './model.ts';
import { clientPerformer, guestPerformer } from './performers.ts';
import { UndecidedError } from './order-search.ts';
import { makeHistory } from './run.ts';
import type { RunOptions } from './run.ts';

const KEPT = join(PROJECT, '.cache', 'histories');
const HISTORIES = quickOrLong(10, 200);
/** Beside those that are judged: the more calls overlap on a busy machine, the longer an order is looked for. */
const MAX_UNDECIDED = quickOrLong(1, 10);
const OPERATIONS = 1_000;
const KILLS = 1;
/** Half a minute on a machine that does nothing else. */
const TIMEOUT_MS = quickOrLong(600_000, 7_200_000);
/** One is enough nearly always. */
const CONTROL_HISTORIES = 5;
/** In turn: with groups that are judged apart, and with patterns that reach over all of them. */
const WILDCARDS = [0, 5, 20] as const;

const PERFORMERS = [
  clientPerformer('client 1', { isKeyed: false, isStreamed: false }),
  clientPerformer('client 2', { isKeyed: false, isStreamed: true }),
  clientPerformer('keyed client', { isKeyed: true, isStreamed: true }),
  ...['service guest 1', 'service guest 2'].map((name) => guestPerformer(name, 'service', { isKeyed: false })),
  guestPerformer('durable guest 1', 'durable/1', { isKeyed: true }),
  guestPerformer('durable guest 2', 'durable/2', { isKeyed: true }),
];

const random = seededRandom();
let deployed: string;

beforeAll(async () => {
  deployed = await makeScratchDirectory();
  await using daemon = await startDaemon(deployed);
  await using client = await daemon.connect();
  const component = await readFile(await builtFixture('space_user'));
  const service = { kind: 'service', workers: { min: 2, max: 2 } } as const;
  const durable = { kind: 'durable', workers: { min: 1, max: 2 }, durability: { maxAttempts: 1_000 } } as const;
  await client.deploy({ name: 'service', version: '1.0.0', component, manifest: service });
  await client.deploy({ name: 'durable', version: '1.0.0', component, manifest: durable });
  await daemon.stop();
});

async function freshRun(): Promise<RunOptions> {
  const dataDirectory = await makeScratchDirectory();
  await cp(deployed, dataDirectory, { recursive: true });
  const mixture = { wildcards: WILDCARDS[0] };
  return { dataDirectory, performers: PERFORMERS, random, mixture, operations: OPERATIONS, kills: KILLS };
}

describe(`histories of the tuple space, seed ${random.seed}`, () => {
  it(
    'are linearizable',
    async () => {
      const run = await freshRun();
      const told = { histories: 0, undecided: 0, operations: 0, unknown: 0, mostConfigurations: 0 };
      for (let number = 0; told.histories < HISTORIES && told.undecided <= MAX_UNDECIDED; number += 1) {
        const wildcards = WILDCARDS[number % WILDCARDS.length] ?? 0;
        const history = await makeHistory({ ...run, mixture: { wildcards } });
        const verdict = await judge(history, number);
        if (verdict === undefined) {
          told.undecided += 1;
          continue;
        }
        const { isLinearizable, configurations, reason } = verdict;
        expect({ number, isLinearizable, reason }).toEqual({ number, isLinearizable: true, reason: '' });
        told.histories += 1;
        told.operations += history.length;
        told.unknown += history.filter(({ result }) => result === undefined).length;
        told.mostConfigurations = Math.max(told.mostConfigurations, configurations);
      }
      expect(told.undecided).toBeLessThanOrEqual(MAX_UNDECIDED);
      expect(told.operations).toBeGreaterThanOrEqual(HISTORIES * OPERATIONS);
      tellFigures('linearizability', { seed: random.seed, ...told });
    },
    TIMEOUT_MS,
  );
});

/** A history that has no order, or for which none was found in time, is kept. @returns undefined for the latter. */
async function judge(history: readonly Operation[], number: number): Promise<Verdict | undefined> {
  const file = join(KEPT, `${random.seed}-${number}.json`);
  await mkdir(KEPT, { recursive: true });
  await writeFile(file, JSON.stringify(history));
  try {
    const verdict = check(history);
    if (verdict.isLinearizable) await rm(file);
    return verdict;
  } catch (thrown) {
    if (thrown instanceof UndecidedError) return undefined;
    throw thrown;
  }
}

describe('control', () => {
  it('a take that is a read and a delete is found out', async () => {
    const run = { ...(await freshRun()), daemon: RACY, kills: 0 };
    let reason = '';
    for (let tries = 0; tries < CONTROL_HISTORIES && reason === ''; tries += 1) {
      ({ reason } = check(await makeHistory(run)));
    }
    expect(reason).toContain('take');
  });
});
