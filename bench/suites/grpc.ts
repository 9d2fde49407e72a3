/**
 * Calls through gRPC, of durable actors, of a service and of a service over one stream, beside a bare echo of the same
 * messages. Callers, node and bare server are processes of their own on one machine; the same callers are used for all;
 * those of the stream use the client's. The service's guest is the echo in Rust.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@plexspaces/client';
import { COMMAND_FILE } from '../../test/support/command-line.ts';
import type { LoadRequest } from '../processes/load.ts';
import { Helper, Server } from '../support/child.ts';
import { COUNTER_FILE } from '../support/counter.ts';
import { measure, ratio } from '../support/figures.ts';
import type { Case, Figure, Sample } from '../support/figures.ts';
import { parseSample } from '../support/sample.ts';
import { layoutNote, workersOf } from '../support/manifests.ts';
import type { Bench, Layout, SuiteResult } from '../support/suite.ts';

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
  const figures = await measure([...cases, ...openCases(load, node.grpc, bench)], bench);
  const ratios = loads.map((inFlight) => ratiosOf(inFlight, figures));
  const compared = ratiosOf(COMPARED_IN_FLIGHT, figures);
  const wanted = [DURABLE_WANTED, SERVICE_WANTED, STREAM_WANTED];
  const goals = compared.map(({ name, median }, index) => ({ name, atLeast: wanted[index] ?? 0, found: median }));
  return { figures: [...figures, ...ratios.flat()], goals, notes: [layoutNote(layout)] };
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
