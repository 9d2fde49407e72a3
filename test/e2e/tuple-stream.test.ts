/**
 * kill -9 in the middle of a stream of tuple operations: what was acknowledged as written is there, what was acknowledged as
 * taken is not, and nothing is there that nobody wrote. Control: a node that writes no tuples down loses what it
 * acknowledged.
 */
import { describe, expect, it } from 'vitest';
import type { PlexSpacesClient, TupleStream } from '@plexspaces/client';
import { startDaemon, startFreshDaemon } from '../support/daemon.ts';
import type { DaemonOptions } from '../support/daemon.ts';
import { forgetting } from '../support/faulty-program.ts';

const STOCK = 4_000;
const WRITERS = 48;
const TAKERS = 16;
const ENOUGH_WRITES = 1_500;
const ENOUGH_TAKES = 300;
/** In one reply. */
const MOST = 10_000;

interface Outcome {
  /** Numbers of tuples each. */
  readonly written: readonly number[];
  readonly sent: number;
  readonly taken: readonly number[];
  readonly found: { readonly written: readonly number[]; readonly stock: readonly number[] };
}

describe.each([1, 2, 3])('kill -9 in the middle of a stream, round %i', () => {
  it('loses nothing that was acknowledged', async () => {
    const { written, sent, taken, found } = await killInTheMiddle();
    expect(written.length).toBeGreaterThanOrEqual(ENOUGH_WRITES);
    expect(missing(written, found.written)).toEqual([]);
    expect(found.written.filter((number) => number > sent)).toEqual([]);
    expect(taken.length).toBeGreaterThanOrEqual(ENOUGH_TAKES);
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.filter((number) => found.stock.includes(number))).toEqual([]);
    expect(found.stock.length).toBeGreaterThanOrEqual(STOCK - taken.length - TAKERS);
  });
});

it('control: a node that writes no tuples down loses what it acknowledged', async () => {
  const { written, found } = await killInTheMiddle(forgetting('t/'));
  expect(missing(written, found.written).length).toBeGreaterThan(0);
});

async function killInTheMiddle(options: DaemonOptions = {}): Promise<Outcome> {
  await using daemon = await startFreshDaemon(options);
  const client = await daemon.connect();
  const stream = client.tuples.stream();
  await Promise.all(numbersTo(STOCK).map((number) => stream.write(['stock', number])));
  const load = startLoad(stream);
  await Promise.race([load.enough, load.ended]);
  await daemon.kill();
  expect(await load.ended).toContain('rejected');
  client.close();
  await using again = await startDaemon(daemon.dataDirectory);
  await using reader = await again.connect();
  const found = { written: await numbersOf(reader, 'written'), stock: await numbersOf(reader, 'stock') };
  return { ...load.tally, sent: load.sent(), found };
}

interface Load {
  readonly tally: { readonly written: number[]; readonly taken: number[] };
  readonly sent: () => number;
  /** So many were acknowledged. */
  readonly enough: Promise<void>;
  /** How the callers ended. */
  readonly ended: Promise<string[]>;
}

function startLoad(stream: TupleStream): Load {
  const tally = { written: [] as number[], taken: [] as number[] };
  const enough = Promise.withResolvers<void>();
  let sent = 0;
  const look = (): void => {
    if (tally.written.length >= ENOUGH_WRITES && tally.taken.length >= ENOUGH_TAKES) enough.resolve();
  };
  const write = async (): Promise<void> => {
    for (;;) {
      const number = (sent += 1);
      await stream.write(['written', number]);
      tally.written.push(number);
      look();
    }
  };
  const take = async (): Promise<void> => {
    for (;;) {
      const tuple = await stream.take(['stock', { '?': 'int' }], { waitMs: 10_000 });
      if (typeof tuple?.[1] === 'number') tally.taken.push(tuple[1]);
      look();
    }
  };
  const callers = [...numbersTo(WRITERS).map(write), ...numbersTo(TAKERS).map(take)];
  const ended = Promise.allSettled(callers).then((ends) => ends.map(({ status }) => status));
  return { tally, sent: () => sent, enough: enough.promise, ended };
}

/** @throws where there may be more than a reply holds. */
async function numbersOf({ tuples }: PlexSpacesClient, name: string): Promise<number[]> {
  const found = await tuples.readAll([name, { '?': 'int' }], { limit: MOST });
  if (found.length === MOST) throw new Error(`expected fewer than ${MOST} tuples of ${name}`);
  return found.map(([, number]) => Number(number));
}

function missing(wanted: readonly number[], found: readonly number[]): number[] {
  const there = new Set(found);
  return wanted.filter((number) => !there.has(number));
}

function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_none, index) => index + 1);
}
