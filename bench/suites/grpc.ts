/**
 * Durable calls through gRPC, beside a bare echo of the same messages. Callers, node and bare server are processes
 * of their own on one machine; the same callers are used for both.
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

const SERVICE = 'bench.Echo.v1';
const MANY_ACTORS = 64;
const IN_FLIGHT = [1, 64];
const RATIO_WANTED = 0.6;
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
  const cases = IN_FLIGHT.flatMap((inFlight) => [
    echoCase(bareName(inFlight), load, { grpc: bare.grpc, inFlight }, bench),
    echoCase(durableName(inFlight), load, { grpc: node.grpc, inFlight }, bench),
  ]);
  const figures = await measure(cases, bench);
  const ratios = IN_FLIGHT.map((inFlight) => ratioOf(inFlight, figures));
  const compared = ratioOf(COMPARED_IN_FLIGHT, figures);
  const goal = { name: compared.name, atLeast: RATIO_WANTED, found: compared.median };
  return { figures: [...figures, ...ratios], goals: [goal], notes: [layoutNote(layout)] };
}

function startNode(dataDirectory: string): Promise<Server> {
  const addresses = ['--grpc', ANY_PORT, '--http', ANY_PORT];
  return Server.start(COMMAND_FILE, ['serve', '--data', dataDirectory, ...addresses, '--log-level', 'error']);
}

async function deployEcho(address: string, layout: Layout): Promise<void> {
  await using client = await connect(address);
  const component = await readFile(COUNTER_FILE);
  const manifest = { service: SERVICE, workers: workersOf(layout) };
  await client.deploy({ name: 'echo', version: '1', component, manifest });
}

type Target = Pick<LoadRequest, 'grpc' | 'inFlight'>;

function echoCase(name: string, load: Load, target: Target, { durationMs }: Bench): Case {
  const actors = Math.min(target.inFlight, MANY_ACTORS);
  const request = { ...target, service: SERVICE, actors, durationMs };
  const curve = { series: name.replace(/,.*/, ''), axis: 'calls in flight', x: target.inFlight };
  return { name, unit: 'calls per second', curve, run: () => load.ask(request) };
}

function ratioOf(inFlight: number, figures: readonly Figure[]): Figure {
  const name = `durable echo over bare echo, ${inFlight} in flight`;
  return ratio(name, figures, durableName(inFlight), bareName(inFlight));
}

function bareName(inFlight: number): string {
  return `bare nice-grpc echo, ${inFlight} in flight`;
}

function durableName(inFlight: number): string {
  const actors = Math.min(inFlight, MANY_ACTORS);
  return `durable echo, ${actors === 1 ? '1 actor' : `${actors} actors`}, ${inFlight} in flight`;
}
