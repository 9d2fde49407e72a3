/**
 * What a description costs: the check of a payload by itself, beside JSON.parse of the same bytes, which any check has
 * to do; and calls of the small component in process, described and not, payload and reply being checked.
 */
import { DescribedService } from '../../packages/runtime/src/description/described-service.ts';
import { ActorKind } from '@plexspaces/proto';
import { COUNTER_FILE } from '../support/counter.ts';
import { closedLoop } from '../support/closed-loop.ts';
import { measure, ratio } from '../support/figures.ts';
import type { Case, Sample } from '../support/figures.ts';
import { InProcessNode } from '../support/in-process-node.ts';
import type { Bench, SuiteResult } from '../support/suite.ts';

/** In OKRA's form, in which one type is good for payload and reply. */
const SCHEMA = `service Orders { echo(input: Order!): Order! }
type Order { id: ID!, lines: [Line!]!, note: String }
type Line { article: String!, count: Int!, price: Float, unit: Unit }
enum Unit { PIECE METRE }`;

const LINES = { '120 B': 1, '4 KiB': 60, '64 KiB': 960 } as const;
type Size = keyof typeof LINES;
const SMALL: Size = '120 B';
const IN_FLIGHT = [1, 64] as const;
/** Between looks at the clock. */
const BATCH = 64;

export async function validation(bench: Bench): Promise<SuiteResult> {
  await using node = await InProcessNode.start(bench.directory);
  for (const [name, schema] of [
    ['bare', ''],
    ['described', SCHEMA],
  ] as const) {
    await node.deploy(name, COUNTER_FILE, { kind: ActorKind.ACTOR_KIND_SERVICE, schema, workers: { min: 1, max: 1 } });
  }
  const checks = sizes().flatMap((size) => checkCases(size, bench.durationMs));
  const calls = IN_FLIGHT.flatMap((inFlight) =>
    ['bare', 'described'].map((service) => callCase(node, service, inFlight, bench.durationMs)),
  );
  const figures = await measure([...checks, ...calls], bench);
  const ratios = [
    ...sizes().map((size) => ratio(`check over JSON.parse, ${size}`, figures, checkName(size), parseName(size))),
    ...IN_FLIGHT.map((inFlight) =>
      ratio(
        `main thread, described over not, ${inFlight} in flight`,
        figures,
        callName('described', inFlight),
        callName('bare', inFlight),
        'mainCpuMicros',
      ),
    ),
  ];
  const note = `A payload of ${SMALL} in the calls; the reply is the same, and both are checked.`;
  return { figures: [...figures, ...ratios], goals: [], notes: [note] };
}

function checkCases(size: Size, durationMs: number): Case[] {
  const payload = payloadOf(size);
  const service = new DescribedService('bench.Orders.v1', SCHEMA);
  const decoder = new TextDecoder();
  const unit = 'us';
  return [
    { name: parseName(size), unit, run: async () => timed(durationMs, () => void JSON.parse(decoder.decode(payload))) },
    { name: checkName(size), unit, run: async () => timed(durationMs, () => service.expectCall('echo', payload)) },
  ];
}

/** Microseconds a call. */
function timed(durationMs: number, call: () => void): Sample {
  runFor(durationMs / 4, call); // until it is compiled
  const { calls, elapsedMs } = runFor(durationMs, call);
  return { value: (elapsedMs / calls) * 1000, details: { calls } };
}

function runFor(durationMs: number, call: () => void): { calls: number; elapsedMs: number } {
  const startedAt = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  while (elapsedMs < durationMs) {
    for (let index = 0; index < BATCH; index += 1) call();
    calls += BATCH;
    elapsedMs = performance.now() - startedAt;
  }
  return { calls, elapsedMs };
}

function callCase(node: InProcessNode, service: string, inFlight: number, durationMs: number): Case {
  const payload = payloadOf(SMALL);
  const call = async (): Promise<void> => {
    const reply = await node.invoke(service, 'default', 'echo', payload);
    if (reply.length !== payload.length) throw new Error(`expected ${payload.length} bytes, found ${reply.length}`);
  };
  return {
    name: callName(service, inFlight),
    unit: 'calls per second',
    run: () => closedLoop({ inFlight, durationMs }, call),
  };
}

function payloadOf(size: Size): Uint8Array {
  const line = { article: 'a cable of copper', count: 12, price: 1.25, unit: 'METRE' };
  const lines = Array.from({ length: LINES[size] }, () => line);
  return Buffer.from(JSON.stringify({ id: 'order-4711', lines, note: 'soon' }));
}

function sizes(): Size[] {
  return ['120 B', '4 KiB', '64 KiB'];
}

function parseName(size: Size): string {
  return `JSON.parse, ${size}`;
}

function checkName(size: Size): string {
  return `check, ${size}`;
}

function callName(service: string, inFlight: number): string {
  return `${service === 'bare' ? 'not described' : 'described'}, ${inFlight} in flight`;
}
