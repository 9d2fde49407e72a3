/**
 * A durable counter of the node, of Restate and as a Durable Object: each on this machine's disk, each answer behind
 * the sync of what it says. Callers are a process of their own, the same for all.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '@plexspaces/client';
import { COMMAND_FILE } from '../../test/support/command-line.ts';
import type { CountRequest } from '../processes/count-load.ts';
import { Helper, Server } from '../support/child.ts';
import { ratio } from '../support/figures.ts';
import type { Case, Figure, Sample } from '../support/figures.ts';
import { workersOf } from '../support/manifests.ts';
import { parseSample } from '../support/sample.ts';
import type { Bench, Goal, SuiteResult } from '../support/suite.ts';
import type { PeerPackages } from './packages.ts';
import { startRestate } from './restate.ts';

interface Load {
  readonly keys: 1 | 64;
  readonly inFlight: 1 | 64;
}

type Target = CountRequest['target'];
type Who = keyof typeof NAMES;

const NAMES = {
  http: 'PlexSpaces (Rust) over HTTP',
  grpc: 'PlexSpaces (Rust) over gRPC',
  restate: "Restate over its ingress's HTTP",
  durableObject: 'Durable Objects (workerd) over HTTP',
} as const;
const LOADS: readonly Load[] = [
  { keys: 1, inFlight: 1 },
  { keys: 1, inFlight: 64 },
  { keys: 64, inFlight: 64 },
];
/** Of the node over HTTP, over the other one's. */
const WANTED: readonly { readonly over: Who; readonly load: Load; readonly atLeast: number }[] = [
  { over: 'restate', load: { keys: 64, inFlight: 64 }, atLeast: 5 },
  { over: 'durableObject', load: { keys: 64, inFlight: 64 }, atLeast: 3 },
  { over: 'restate', load: { keys: 1, inFlight: 64 }, atLeast: 5 },
  { over: 'durableObject', load: { keys: 1, inFlight: 64 }, atLeast: 2 },
];
const COUNTER = fileURLToPath(new URL('../../actors/rust/counter/counter.wasm', import.meta.url));
const SERVICE = 'bench.Counter.v1';
const ANY_PORT = '127.0.0.1:0';

export async function counterCases(packages: PeerPackages, stack: AsyncDisposableStack, bench: Bench): Promise<Case[]> {
  const targets = await startAll(packages, stack, bench);
  const callers: Helper<CountRequest, Sample> = stack.use(
    new Helper(new URL('../processes/count-load.ts', import.meta.url), parseSample),
  );
  return LOADS.flatMap((load) =>
    targets.map(([who, target]) => ({
      name: nameOf(who, load),
      unit: 'calls per second',
      run: () => callers.ask({ target, ...load, durationMs: bench.durationMs }),
    })),
  );
}

/** How many times the neighbours' figures ours are. */
export function counterRatios(figures: readonly Figure[]): Required<Pick<SuiteResult, 'figures' | 'goals'>> {
  const compared = WANTED.map(({ over, load, atLeast }) => {
    const name = `${loadName(load)}: over HTTP, PlexSpaces over ${NAMES[over]}`;
    return { figure: ratio(name, figures, nameOf('http', load), nameOf(over, load)), atLeast };
  });
  const goals: Goal[] = compared.map(({ figure, atLeast }) => ({ name: figure.name, atLeast, found: figure.median }));
  return { figures: compared.map(({ figure }) => figure), goals };
}

export const COUNTER_NOTES: readonly string[] = [
  'Every counter waits for its sync. PlexSpaces is one process, workerd one (and a Node process that starts it), Restate its server and a Node process with the handler. Restate has its defaults: one node, one replica.',
];

async function startAll(
  packages: PeerPackages,
  stack: AsyncDisposableStack,
  bench: Bench,
): Promise<(readonly [Who, Target])[]> {
  const node = stack.use(await startNode(bench));
  const restate = stack.use(await startRestate(packages, join(bench.directory, 'restate')));
  const program = new URL('../processes/durable-object.ts', import.meta.url);
  const object = stack.use(await Server.start(program, [packages.loaderUrl, join(bench.directory, 'workerd')]));
  return [
    ['http', { by: 'http', address: node.http, path: `/api/v1/services/${SERVICE}/{key}/increment` }],
    ['grpc', { by: 'grpc', address: node.grpc, service: SERVICE }],
    ['restate', { by: 'http', address: restate.address, path: '/Counter/{key}/increment' }],
    ['durableObject', { by: 'http', address: object.http, path: '/{key}' }],
  ];
}

async function startNode({ directory, layout }: Bench): Promise<Server> {
  const addresses = ['--grpc', ANY_PORT, '--http', ANY_PORT];
  const data = join(directory, 'node');
  const node = await Server.start(COMMAND_FILE, ['serve', '--data', data, ...addresses, '--log-level', 'error']);
  await using client = await connect(node.grpc);
  const manifest = { service: SERVICE, workers: workersOf(layout) };
  await client.deploy({ name: 'counter', version: '1', component: await readFile(COUNTER), manifest });
  return node;
}

function nameOf(who: Who, load: Load): string {
  return `durable counter, ${loadName(load)}, ${NAMES[who]}`;
}

function loadName({ keys, inFlight }: Load): string {
  return `${keys === 1 ? '1 key' : `${keys} keys`}, ${inFlight} in flight`;
}
