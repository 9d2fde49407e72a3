/**
 * Calls through gRPC, of durable actors, of a service and of a service over one stream, beside a bare echo of the same
 * messages. Callers, node and bare server are processes of their own on one machine; the same callers are used for all;
 * those of the stream use the client's. The service's guest is the echo in Rust.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@plexspaces/client';
import { COMMAND_FILE } from '../../test/support/command-line.ts';
import { loadEcho } from '../../test/support/echo.ts';
import type { LoadRequest } from '../processes/load.ts';
import { Helper, Server } from '../support/child.ts';
import { closedLoop } from '../support/closed-loop.ts';
import { COUNTER_FILE } from '../support/counter.ts';
import { poolCaller } from '../support/echo-callers.ts';
import { measure, ratio, sum } from '../support/figures.ts';
import type { Case, Figure, Sample } from '../support/figures.ts';
import { parseSample } from '../support/sample.ts';
import { layoutNote, workersOf } from '../support/manifests.ts';
import { Records } from '../support/records.ts';
import type { Bench, Goal, Layout, SuiteResult } from '../support/suite.ts';
import { openDatabase } from './disk.ts';

const RUST_ECHO = new URL('../../actors/rust/echo/echo.wasm', import.meta.url);
const DURABLE = 'bench.Echo.v1';
const SERVICE = 'bench.Service.v1';
const MANY_ACTORS = 64;
const IN_FLIGHT = [1, 8, 64];
/** Of an open loop: up to what one core can still send and answer. */
const RATES = [250, 1_000, 2_000];
const QUICK_RATES = [100];
const DURABLE_WANTED = 0.6;
const SERVICE_WANTED = 0.85;
const STREAM_WANTED = 4;
/** The goal is of throughput; one caller alone waits for the disk, which the bare echo does not. */
const COMPARED_IN_FLIGHT = 64;
/** Of one durable call: what its parts take, each measured alone. */
const PARTS_ALLOWED = 1.2;
const SYNCED_BATCH = 'LevelDB, one synced batch after the other';
const PUTS_A_CALL = 2;
const POOL_CALL = 'a call of the pool, 1 in flight';
const PARTS = 'bare echo, synced batch and pool call of one caller, one after the other';
const ANY_PORT = '127.0.0.1:0';

type Load = Helper<LoadRequest, Sample>;

export async function grpc(bench: Bench): Promise<SuiteResult> {
  const { layout, directory } = bench;
  await using bare = await Server.start(new URL('../processes/bare-echo.ts', import.meta.url));
  await using node = await startNode(join(directory, 'node'));
  await deployEcho(node.grpc, layout);
  await using load: Load = new Helper(new URL('../processes/load.ts', import.meta.url), parseSample);
  const loads = bench.isQuick ? [COMPARED_IN_FLIGHT] : IN_FLIGHT;
  const cases = loads.flatMap((inFlight) => {
    const onNode = { grpc: node.grpc, pace: { inFlight }, via: 'unary' } as const;
    const service = { ...onNode, addresses: [SERVICE] };
    return [
      echoCase(bareName(inFlight), load, { ...service, grpc: bare.grpc }, bench),
      echoCase(durableName(inFlight), load, { ...onNode, addresses: actorsOf(inFlight) }, bench),
      echoCase(serviceName(inFlight), load, service, bench),
      echoCase(streamName(inFlight), load, { ...service, via: 'stream' }, bench),
    ];
  });
  await using stack = new AsyncDisposableStack();
  const parts = bench.isQuick ? [] : await partCases(stack, bench);
  const figures = await measure([...cases, ...parts, ...openCases(load, node.grpc, bench)], bench);
  const ratios = loads.map((inFlight) => ratiosOf(inFlight, figures));
  const alone = bench.isQuick ? [] : overParts(figures);
  const compared = ratiosOf(COMPARED_IN_FLIGHT, figures);
  const wanted = [DURABLE_WANTED, SERVICE_WANTED, STREAM_WANTED];
  const goals = compared.map(({ name, median }, index) => ({ name, atLeast: wanted[index] ?? 0, found: median }));
  const latencies = alone.filter(({ unit }) => unit === 'x').map(latencyGoal);
  return {
    figures: [...figures, ...ratios.flat(), ...alone],
    goals: [...goals, ...latencies],
    notes: [layoutNote(layout)],
  };
}

function startNode(dataDirectory: string): Promise<Server> {
  const addresses = ['--grpc', ANY_PORT, '--http', ANY_PORT];
  return Server.start(COMMAND_FILE, ['serve', '--data', dataDirectory, ...addresses, '--log-level', 'error']);
}

async function deployEcho(address: string, layout: Layout): Promise<void> {
  await using client = await connect(address);
  const component = await readFile(COUNTER_FILE);
  const durable = { service: DURABLE, workers: workersOf(layout) };
  await client.deploy({ name: 'echo', version: '1', component, manifest: durable });
  const service = { service: SERVICE, kind: 'service', workers: { min: 1, max: layout.workers } } as const;
  await client.deploy({ name: 'service', version: '1', component: await readFile(RUST_ECHO), manifest: service });
}

function actorsOf(inFlight: number): string[] {
  return Array.from({ length: Math.min(inFlight, MANY_ACTORS) }, (_none, index) => `${DURABLE}/k${index}`);
}

/** What comes at a rate of its own waits otherwise than what waits for its answers. */
function openCases(load: Load, address: string, { durationMs, isQuick }: Bench): Case[] {
  const ways = [
    { series: 'durable echo', addresses: actorsOf(MANY_ACTORS), via: 'unary' },
    { series: 'service echo', addresses: [SERVICE], via: 'unary' },
    { series: 'service echo by stream', addresses: [SERVICE], via: 'stream' },
  ] as const;
  return (isQuick ? QUICK_RATES : RATES).flatMap((perSecond) =>
    ways.map(({ series, ...way }) => ({
      name: `${series}, ${perSecond.toLocaleString('en')} a second offered`,
      unit: 'calls per second',
      curve: { series, axis: 'calls offered a second', x: perSecond },
      run: () => load.ask({ ...way, grpc: address, pace: { perSecond }, durationMs }),
    })),
  );
}

/** What one durable call is made of beside the bare echo. */
async function partCases(stack: AsyncDisposableStack, { directory, durationMs }: Bench): Promise<Case[]> {
  const loop = { inFlight: 1, durationMs };
  const database = stack.use(await openDatabase(directory));
  const records = new Records();
  const { component } = stack.use(await loadEcho());
  const { call } = stack.use(await poolCaller(component, 1));
  const payload = new Uint8Array(100).fill(7);
  return [
    {
      name: SYNCED_BATCH,
      unit: 'per second',
      run: () => closedLoop(loop, () => database.batch(records.batch(PUTS_A_CALL), { sync: true })),
    },
    { name: POOL_CALL, unit: 'calls per second', run: () => closedLoop(loop, async () => void (await call(payload))) },
  ];
}

function overParts(figures: readonly Figure[]): Figure[] {
  const parts = sum(PARTS, figures, [bareName(1), SYNCED_BATCH, POOL_CALL], 'p50Ms');
  const name = 'p50 of one durable call over its parts';
  return [parts, ratio(name, [...figures, parts], durableName(1), PARTS, 'p50Ms')];
}

function latencyGoal({ name, median }: Figure): Goal {
  return { name, atMost: PARTS_ALLOWED, found: median };
}

type Target = Omit<LoadRequest, 'durationMs' | 'pace'> & { readonly pace: { readonly inFlight: number } };

function echoCase(name: string, load: Load, target: Target, { durationMs }: Bench): Case {
  const request = { ...target, durationMs };
  const curve = { series: name.replace(/, \d+ in flight$/, ''), axis: 'calls in flight', x: target.pace.inFlight };
  return { name, unit: 'calls per second', curve, run: () => load.ask(request) };
}

/** Of the goals, in their order. */
function ratiosOf(inFlight: number, figures: readonly Figure[]): Figure[] {
  const over = (what: string, name: string): Figure =>
    ratio(`${what} over bare echo, ${inFlight} in flight`, figures, name, bareName(inFlight));
  return [
    over('durable echo', durableName(inFlight)),
    over('service echo', serviceName(inFlight)),
    over('service echo by stream', streamName(inFlight)),
  ];
}

function bareName(inFlight: number): string {
  return `bare nice-grpc echo, ${inFlight} in flight`;
}

function durableName(inFlight: number): string {
  const actors = Math.min(inFlight, MANY_ACTORS);
  return `durable echo, ${actors === 1 ? '1 actor' : `${actors} actors`}, ${inFlight} in flight`;
}

function serviceName(inFlight: number): string {
  return `service echo, ${inFlight} in flight`;
}

function streamName(inFlight: number): string {
  return `service echo by stream, ${inFlight} in flight`;
}
