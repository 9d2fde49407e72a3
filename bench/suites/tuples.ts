/**
 * Tuple operations of a guest and of clients by gRPC, each by itself and over one stream, with few tuples in the space and with many, and Redis beside them.
 * All sizes are measured in each round. What is in the space has other first fields than what is written and taken.
 */
import { join } from 'node:path';
import { connect } from '@plexspaces/client';
import type { PlexSpacesClient } from '@plexspaces/client';
import { COMMAND_FILE } from '../../test/support/command-line.ts';
import type { LoadRequest } from '../processes/load.ts';
import type { TupleLoadRequest } from '../processes/tuple-load.ts';
import { boundedLoop } from '../support/bounded-loop.ts';
import { Helper, Server } from '../support/child.ts';
import { measure, ratio } from '../support/figures.ts';
import type { Case, CurvePoint, Figure, Sample } from '../support/figures.ts';
import { fillSpace } from '../support/filled-space.ts';
import { redisProgram } from '../support/redis.ts';
import { parseSample } from '../support/sample.ts';
import type { Bench, Goal, SuiteResult } from '../support/suite.ts';
import { buildTupleGuest, tupleGuestPayload } from '../support/tuple-guest.ts';
import type { TupleOperation } from '../support/tuple-guest.ts';
import { openDatabase, syncedPutCase } from './disk.ts';
import { redisCases, redisName } from './redis-tuples.ts';

const IN_FLIGHT = 64;
const SIZES = [1_000, 1_000_000];
const QUICK_SIZES = [100, 1_000];
const OPERATIONS = ['write', 'take', 'miss'] as const;
/** Of one call of the guest: what the call itself costs is spread over them. */
const GUEST_BATCH = 500;
const SERVICE = 'bench.Tuples.v1';
const ANY_PORT = '127.0.0.1:0';
/** Of a thousand tuples' figure, with a thousand times as many. */
const RATIO_WANTED = 0.5;
/** Of what Redis does of the same with a sync behind each answer, too. */
const REDIS_RATIO_WANTED = 0.5;
const REDIS_WORDS = { write: 'RPUSH', take: 'Lua take' } as const;

type Load = Helper<TupleLoadRequest, Sample>;

export async function tuples(bench: Bench): Promise<SuiteResult> {
  await using stack = new AsyncDisposableStack();
  const sizes = bench.isQuick ? QUICK_SIZES : SIZES;
  const database = stack.use(await openDatabase(bench.directory));
  const load: Load = stack.use(new Helper(new URL('../processes/tuple-load.ts', import.meta.url), parseSample));
  const cases = [syncedPutCase(database, bench.durationMs), await bareEchoCase(stack, bench)];
  for (const size of sizes) cases.push(...(await nodeCases(size, size === sizes[0], load, stack, bench)));
  const program = redisProgram();
  if (program !== undefined) {
    for (const size of sizes) cases.push(...(await redisCases(program, size, stack, bench)));
  }
  const figures = await measure(cases, bench);
  const ratios = overSizes(figures, sizes);
  const beside = program === undefined ? [] : overRedis(figures, sizes[0] ?? 0);
  const goals = [...ratios.map(goalOf(RATIO_WANTED)), ...beside.map(goalOf(REDIS_RATIO_WANTED))];
  return { figures: [...figures, ...ratios, ...beside], goals, notes: notes(program) };
}

/** What gRPC alone leaves of the callers' time. */
async function bareEchoCase(stack: AsyncDisposableStack, { durationMs }: Bench): Promise<Case> {
  const { grpc } = stack.use(await Server.start(new URL('../processes/bare-echo.ts', import.meta.url)));
  const load: Helper<LoadRequest, Sample> = stack.use(
    new Helper(new URL('../processes/load.ts', import.meta.url), parseSample),
  );
  const request = {
    grpc,
    addresses: ['bench.Echo.v1'],
    via: 'unary',
    pace: { inFlight: IN_FLIGHT },
    durationMs,
  } as const;
  return {
    name: `bare nice-grpc echo, ${IN_FLIGHT} in flight`,
    unit: 'calls per second',
    run: () => load.ask(request),
  };
}

/** A node with so many tuples, and its guest. @param isStreamed the clients have a stream besides. */
async function nodeCases(
  size: number,
  isStreamed: boolean,
  load: Load,
  stack: AsyncDisposableStack,
  bench: Bench,
): Promise<Case[]> {
  bench.progress(`${size} tuples are written`);
  const directory = join(bench.directory, `node-${size}`);
  await fillSpace(directory, size);
  const addresses = ['--grpc', ANY_PORT, '--http', ANY_PORT];
  const serve = ['serve', '--data', directory, ...addresses, '--log-level', 'error'];
  const { grpc } = stack.use(await Server.start(COMMAND_FILE, serve));
  const client = stack.use(await connect(grpc));
  const manifest = { service: SERVICE, kind: 'service', workers: { min: 1, max: 1 } } as const;
  await client.deploy({ name: 'tuples', version: '1', component: await buildTupleGuest(), manifest });
  const streamed = isStreamed ? clientCases('stream', grpc, load, size, bench) : [];
  return [...guestCases(client, size, bench), ...clientCases('clients', grpc, load, size, bench), ...streamed];
}

/** Takes come behind writes, and find as many tuples as were written. */
function guestCases(client: PlexSpacesClient, size: number, { durationMs }: Bench): Case[] {
  let written = 0;
  return OPERATIONS.map((operation) => ({
    name: nameOf('guest', operation, size),
    unit: 'operations per second',
    curve: curveOf('guest', operation, size),
    run: async () => {
      const most = operation === 'take' ? written : Infinity;
      const payload = tupleGuestPayload(operation, GUEST_BATCH);
      const sample = await boundedLoop({ inFlight: 1, durationMs, most }, async () => {
        await client.invoke(SERVICE, 'count', payload);
      });
      const calls = sample.details?.['calls'] ?? 0;
      written += operation === 'write' ? calls : operation === 'take' ? -calls : 0;
      return { value: sample.value * GUEST_BATCH, details: { calls: calls * GUEST_BATCH } };
    },
  }));
}

function clientCases(who: 'clients' | 'stream', grpc: string, load: Load, size: number, { durationMs }: Bench): Case[] {
  const via = who === 'stream' ? 'stream' : 'unary';
  let written = 0;
  return OPERATIONS.map((operation) => ({
    name: nameOf(who, operation, size),
    unit: 'operations per second',
    curve: who === 'clients' ? curveOf(who, operation, size) : undefined,
    run: async () => {
      const most = operation === 'take' ? written : Number.MAX_SAFE_INTEGER;
      const sample = await load.ask({ grpc, via, operation, inFlight: IN_FLIGHT, durationMs, most });
      const calls = sample.details?.['calls'] ?? 0;
      written += operation === 'write' ? calls : operation === 'take' ? -calls : 0;
      return sample;
    },
  }));
}

/** The largest space over the smallest, for everything that the node does. */
function overSizes(figures: readonly Figure[], sizes: readonly number[]): Figure[] {
  const [least = 0, most = least] = [sizes[0], sizes.at(-1)];
  return (['guest', 'clients'] as const).flatMap((who) =>
    OPERATIONS.map((operation) => {
      const [over, under] = [nameOf(who, operation, most), nameOf(who, operation, least)];
      return ratio(`${WHO[who]}, ${WHAT[operation]}: ${short(most)} tuples over ${short(least)}`, figures, over, under);
    }),
  );
}

/** A stream's operations over what Redis does of the same. */
function overRedis(figures: readonly Figure[], size: number): Figure[] {
  return (['write', 'take'] as const).map((operation) => {
    const name = `${WHO.stream}, ${WHAT[operation]} over Redis, appendfsync always, ${REDIS_WORDS[operation]}`;
    const under = redisName(REDIS_WORDS[operation], { size, appendFsync: 'always' });
    return ratio(name, figures, nameOf('stream', operation, size), under);
  });
}

function goalOf(atLeast: number): (figure: Figure) => Goal {
  return ({ name, median }) => ({ name, atLeast, found: median });
}

const WHO = {
  guest: 'guest',
  clients: `clients, ${IN_FLIGHT} in flight`,
  stream: `clients, one stream, ${IN_FLIGHT} in flight`,
} as const;
const WHAT: Readonly<Record<TupleOperation, string>> = {
  write: 'write',
  take: 'take by first field',
  miss: 'take that finds nothing',
};

function nameOf(who: keyof typeof WHO, operation: TupleOperation, size: number): string {
  return `${WHO[who]}, ${WHAT[operation]}, ${short(size)} tuples`;
}

function curveOf(who: keyof typeof WHO, operation: TupleOperation, size: number): CurvePoint {
  return { series: `${WHO[who]}, ${WHAT[operation]}`, axis: 'tuples in the space', x: size };
}

function short(size: number): string {
  return size.toLocaleString('en');
}

function notes(program: string | undefined): string[] {
  return [
    `The guest is the small component, ${GUEST_BATCH} operations a call, one call at a time: each operation is a host call and waits for no sync, the reply of the call does.`,
    'A write or take of a client waits until it is synced. A stream is measured in the smallest space alone.',
    program === undefined
      ? 'Redis is not installed (no redis-server in PATH): there is nothing beside the figures.'
      : `Redis by a Unix socket, ${IN_FLIGHT} in flight on one connection, with appendfsync as the figure says: "always" is what a client of the node gets, "no" leaves the sync to the system. A list for each first field.`,
  ];
}
