/**
 * Numbered tuples are taken by clients and by actors in Python and Rust, in several threads, until there is none, with a kill -9 in the
 * middle: none comes twice, and none is missing but what takes without a key had in hand when the node died.
 */
import { cp, readFile } from 'node:fs/promises';
import type { PlexSpacesClient } from '@plexspaces/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { RUST_GUEST } from '../fixtures/rust/guest.ts';
import { builtFixture } from '../support/built-actors.ts';
import { startDaemon } from '../support/daemon.ts';
import { RACY } from '../support/faulty-program.ts';
import { harvest } from '../support/harvest.ts';
import type { Taker } from '../support/harvest.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { quickOrLong, tellFigures, TEST_TIMEOUT_MS } from '../support/soak.ts';

const TUPLES = quickOrLong(2_000, 10_000);
const ROUNDS = quickOrLong(1, 20);
const WRITERS = 64;
const PATTERN = ['number', { '?': 'int' }] as const;

const random = seededRandom();
/** A data directory with actors and tuples. */
let filled: string;

const UNKEYED: readonly Taker[] = [
  client('client 1', false),
  client('client 2', false),
  guest('service guest 1', 'service', false),
  guest('service guest 2', 'service', false),
  rustGuest('service guest in Rust 1', 'rust-service', false),
  rustGuest('service guest in Rust 2', 'rust-service', false),
];
const KEYED: readonly Taker[] = [
  client('keyed client', true),
  guest('durable guest 1', 'durable/1', true),
  guest('durable guest 2', 'durable/2', true),
  rustGuest('durable guest in Rust', 'rust-durable/1', true),
];

beforeAll(async () => {
  filled = await makeScratchDirectory();
  await using daemon = await startDaemon(filled);
  await using connection = await daemon.connect();
  const python = await readFile(await builtFixture('space_user'));
  const rust = await readFile(RUST_GUEST);
  const service = { kind: 'service', workers: { min: 2, max: 2 } } as const;
  const durable = { kind: 'durable', workers: { min: 1, max: 2 }, durability: { maxAttempts: 1_000 } } as const;
  for (const [prefix, component] of [
    ['', python],
    ['rust-', rust],
  ] as const) {
    await connection.deploy({ name: `${prefix}service`, version: '1.0.0', component, manifest: service });
    await connection.deploy({ name: `${prefix}durable`, version: '1.0.0', component, manifest: durable });
  }
  await writeNumbers(connection);
  await daemon.stop();
});

describe(`taking until there is none, seed ${random.seed}`, () => {
  it(
    'gives each tuple once, over a kill',
    async () => {
      const told = { lost: 0, unanswered: 0 };
      for (let round = 0; round < ROUNDS; round += 1) {
        const { given, unanswered } = await harvest({
          ...(await fresh()),
          takers: [...UNKEYED, ...KEYED],
          killAt: aMoment(),
        });
        expect({ round, twice: repeatedIn(given) }).toEqual({ round, twice: [] });
        const lost = TUPLES - given.length;
        expect(lost).toBeLessThanOrEqual(unanswered);
        told.lost += lost;
        told.unanswered += unanswered;
      }
      tellFigures('take once', { seed: random.seed, rounds: ROUNDS, tuples: TUPLES * ROUNDS, ...told });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'loses none of those who repeat under a key',
    async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const { given } = await harvest({ ...(await fresh()), takers: KEYED, killAt: aMoment() });
        expect(given.toSorted((one, other) => one - other)).toEqual(Array.from({ length: TUPLES }, (_, at) => at));
      }
    },
    TEST_TIMEOUT_MS,
  );
});

describe('controls', () => {
  it('a take that is a read and a delete gives a tuple twice', async () => {
    const { given } = await harvest({ ...(await fresh()), daemon: RACY, takers: UNKEYED });
    expect(repeatedIn(given)).not.toEqual([]);
  });

  it('repeated without a key, takes lose tuples', async () => {
    let lost = 0;
    for (let kill = 0; kill < 10 && lost === 0; kill += 1) {
      const { given } = await harvest({ ...(await fresh()), takers: UNKEYED, killAt: aMoment() });
      lost = TUPLES - new Set(given).size;
    }
    expect(lost).toBeGreaterThan(0);
  });
});

async function fresh(): Promise<{ dataDirectory: string }> {
  const dataDirectory = await makeScratchDirectory();
  await cp(filled, dataDirectory, { recursive: true });
  return { dataDirectory };
}

/** Neither at the begin nor at the end. */
function aMoment(): number {
  return Math.floor(TUPLES / 4) + random.below(Math.floor(TUPLES / 2));
}

function repeatedIn(numbers: readonly number[]): number[] {
  return numbers.filter((number, at) => numbers.indexOf(number) !== at);
}

async function writeNumbers({ tuples }: PlexSpacesClient): Promise<void> {
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < TUPLES) await tuples.write(['number', next++]);
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

function client(name: string, isKeyed: boolean): Taker {
  return {
    name,
    isKeyed,
    async take({ tuples }, key) {
      const found = await tuples.take(PATTERN, isKeyed ? { idempotencyKey: key } : {});
      return found === null ? [] : [Number(found[1])];
    },
  };
}

/** @param address of a space_user. */
function guest(name: string, address: string, isKeyed: boolean): Taker {
  return actor(name, isKeyed, { address, method: 'take', input: { pattern: ['number', null] } });
}

/** @param address of the guest in Rust. */
function rustGuest(name: string, address: string, isKeyed: boolean): Taker {
  return actor(name, isKeyed, { address, method: 'take-number', input: {} });
}

interface Take {
  readonly address: string;
  readonly method: string;
  readonly input: object;
}

function actor(name: string, isKeyed: boolean, { address, method, input }: Take): Taker {
  return {
    name,
    isKeyed,
    async take(connection, key) {
      const found = await connection.invoke(address, method, input, isKeyed ? { idempotencyKey: key } : {});
      return found === null ? [] : [(found as [string, number])[1]];
    },
  };
}
