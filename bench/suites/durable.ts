/**
 * Durable calls a second within one process: callers, node and LevelDB's thread share the machine, every call
 * waits until its records are synced. Beside it, in each round, what one caller gets of LevelDB alone.
 */
import { join } from 'node:path';
import { closedLoop } from '../support/closed-loop.ts';
import { Counter, COUNTER_FILE } from '../support/counter.ts';
import { measure, ratio } from '../support/figures.ts';
import type { Case } from '../support/figures.ts';
import { InProcessNode } from '../support/in-process-node.ts';
import type { PartialManifest } from '../support/in-process-node.ts';
import { layoutNote, NEVER, workersOf } from '../support/manifests.ts';
import type { Bench, SuiteResult } from '../support/suite.ts';
import { openDatabase, SYNCED_PUT, syncedPutCase } from './disk.ts';

const MANY_ACTORS = 64;
const IN_FLIGHT = [1, 8, 64, 256];
const RATIO_WANTED = 8;
const COMPARED: Load = { actors: MANY_ACTORS, inFlight: 64 };
const UNCHECKPOINTED = `${nameOf(COMPARED)}, no checkpoints`;
const CHECKPOINTED = 'bench.Counter.v1';
const WITHOUT_CHECKPOINTS = 'bench.Uncheckpointed.v1';

interface Load {
  readonly actors: number;
  readonly inFlight: number;
}

export async function durable(bench: Bench): Promise<SuiteResult> {
  const { layout, durationMs } = bench;
  await using database = await openDatabase(bench.directory);
  await using node = await InProcessNode.start(join(bench.directory, 'node'));
  const counter = await deployCounter(node, CHECKPOINTED, { workers: workersOf(layout) });
  // On a database of its own: what checkpoints remove from the other one is compacted behind the calls that come next.
  await using plainNode = await InProcessNode.start(join(bench.directory, 'plain'));
  const plain = await deployCounter(plainNode, WITHOUT_CHECKPOINTS, { workers: workersOf(layout), durability: NEVER });
  const loads = [1, MANY_ACTORS].flatMap((actors) => IN_FLIGHT.map((inFlight) => ({ actors, inFlight })));
  const cases = [
    syncedPutCase(database, durationMs),
    countCase(UNCHECKPOINTED, plain, COMPARED, durationMs),
    ...loads.map((load) => countCase(nameOf(load), counter, load, durationMs)),
  ];
  const figures = await measure(cases, bench);
  // The goal is about calls. What their checkpoints cost is a matter of how many are wanted, and a figure beside it.
  const times = ratio(`${UNCHECKPOINTED}, in synced puts`, figures, UNCHECKPOINTED, SYNCED_PUT);
  const checkpointed = ratio(`${nameOf(COMPARED)}, in synced puts`, figures, nameOf(COMPARED), SYNCED_PUT);
  const goal = { name: times.name, atLeast: RATIO_WANTED, found: times.median };
  return { figures: [...figures, times, checkpointed], goals: [goal], notes: [layoutNote(layout)] };
}

/** With all its actors alive. */
async function deployCounter(node: InProcessNode, service: string, manifest: PartialManifest): Promise<Counter> {
  await node.deploy(service, COUNTER_FILE, manifest);
  const counter = new Counter((key, method, payload) => node.invoke(service, key, method, payload));
  await Promise.all(Array.from({ length: MANY_ACTORS }, (_, index) => counter.count(keyOf(index))));
  return counter;
}

function countCase(name: string, counter: Counter, { actors, inFlight }: Load, durationMs: number): Case {
  return {
    name,
    unit: 'calls per second',
    curve: { series: name.replace(/, \d+ in flight/, ''), axis: 'calls in flight', x: inFlight },
    run: async () => {
      const loop = { inFlight, durationMs };
      const sample = await closedLoop(loop, (caller) => counter.count(keyOf(caller % actors)));
      counter.expectExact();
      return sample;
    },
  };
}

function nameOf({ actors, inFlight }: Load): string {
  return `${actors === 1 ? '1 actor' : `${actors} actors`}, ${inFlight} in flight`;
}

function keyOf(index: number): string {
  return `k${index}`;
}
