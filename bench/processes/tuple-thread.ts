/**
 * A thread that makes host calls without a guest and sends how long each took; beside them the bare round trip
 * through shared memory. It has one call, which lasts as long as the thread does.
 */
import { createHistogram } from 'node:perf_hooks';
import type { MessagePort } from 'node:worker_threads';
import { parentPort, workerData } from 'node:worker_threads';
import { BridgeCaller } from '../../packages/worker/src/bridge/caller.ts';
import { claimCall } from '../../packages/worker/src/bridge/claims.ts';
import { headerCells } from '../../packages/worker/src/bridge/layout.ts';
import { markRunning } from '../../packages/worker/src/bridge/status.ts';
import { ThreadEnd } from '../../packages/worker/src/bridge/thread-end.ts';
import { GuestLog } from '../../packages/worker/src/guest-log.ts';
import type { HostContext } from '../../packages/worker/src/host/context.ts';
import type { WitResult } from '../../packages/worker/src/host/results.ts';
import { tuplespaceImports } from '../../packages/worker/src/host/tuplespace.ts';
import { MessageClock } from '../../packages/worker/src/message-clock.ts';
import { MessageSeed } from '../../packages/worker/src/message-seed.ts';
import type { GuestCall, SessionTask } from '../../packages/worker/src/protocol.ts';
import type { WitField, WitPatternField } from '../../packages/worker/src/wit-tuples.ts';
import type { Sample } from '../support/figures.ts';

export type TupleAction = 'bare' | 'write' | 'failed-take' | 'matching-take';

export interface TupleThreadData extends Pick<SessionTask, 'calls' | 'bridge' | 'hostCallTimeoutMs'> {
  readonly bare: { readonly port: MessagePort; readonly cell: Int32Array<SharedArrayBuffer> };
}

export interface TupleRequest {
  readonly action: TupleAction;
  readonly durationMs: number;
}

const NANOS_PER_MS = 1_000_000;
const NANOS_PER_MICRO = 1000;
const WARM_UP_PART = 0.25;
const TUPLE: WitField[] = [
  { tag: 'string-value', val: 'bench' },
  { tag: 'bytes-value', val: new Uint8Array(100).fill(7) },
];
const MATCHING: WitPatternField[] = [{ tag: 'exact', val: { tag: 'string-value', val: 'bench' } }, { tag: 'wildcard' }];
const FAILING: WitPatternField[] = [{ tag: 'exact', val: { tag: 'string-value', val: 'other' } }, { tag: 'wildcard' }];

const { calls, bridge, bare, hostCallTimeoutMs }: TupleThreadData = workerData;
const cells = headerCells(bridge);
const end = new ThreadEnd(calls, bridge);
end.listen((call) => {
  if (!claimCall(cells, call.id)) throw new Error('expected a call');
  markRunning(cells, call.id);
  serve(contextOf(call));
});

function serve(context: HostContext): void {
  const imports = tuplespaceImports(context);
  const write = (tuple: WitField[]): Result => imports.tuplespaceWrite(tuple);
  const take = (pattern: WitPatternField[]): Result => imports.tuplespaceTake(pattern);
  const actions: Readonly<Record<TupleAction, Action>> = {
    bare: { prepare: () => undefined, run: roundTrip },
    write: { prepare: () => undefined, run: () => expectOk(write(TUPLE)), after: () => expectTuple(take(MATCHING)) },
    'failed-take': { prepare: () => undefined, run: () => expectNone(take(FAILING)) },
    'matching-take': { prepare: () => expectOk(write(TUPLE)), run: () => expectTuple(take(MATCHING)) },
  };
  parentPort?.on('message', ({ action, durationMs }: TupleRequest) => {
    measure(actions[action], durationMs * WARM_UP_PART);
    parentPort?.postMessage(measure(actions[action], durationMs));
  });
}

type Result = WitResult<WitField[] | undefined>;

/** What is measured is the middle; the space is the same before and after. */
interface Action {
  readonly prepare: () => void;
  readonly run: () => void;
  readonly after?: () => void;
}

function measure({ prepare, run, after }: Action, durationMs: number): Sample {
  const latency = createHistogram();
  const endsAt = performance.now() + durationMs;
  while (performance.now() < endsAt) {
    prepare();
    const startedAt = performance.now();
    run();
    latency.record(Math.max(1, Math.round((performance.now() - startedAt) * NANOS_PER_MS)));
    after?.();
  }
  const details = { p99Micros: latency.percentile(99) / NANOS_PER_MICRO, count: latency.count };
  return { value: latency.percentile(50) / NANOS_PER_MICRO, details };
}

/** Ask by a message, sleep, find the answer. */
function roundTrip(): void {
  const before = Atomics.load(bare.cell, 0);
  bare.port.postMessage(before);
  while (Atomics.load(bare.cell, 0) === before) Atomics.wait(bare.cell, 0, before);
}

function contextOf({ message }: GuestCall): HostContext {
  const clock = new MessageClock();
  clock.reset(message.startMicros);
  return {
    selfId: () => 'bench.Tuples.v1',
    bridge: new BridgeCaller(bridge, end.wakeMain, { timeoutMs: hostCallTimeoutMs }),
    clock,
    seed: new MessageSeed(),
    log: new GuestLog(() => undefined, 0),
    message: () => message,
    beforeWait: () => undefined,
  };
}

function expectOk({ tag }: Result): void {
  if (tag !== 'ok') throw new Error('expected the host to do it');
}

function expectTuple(result: Result): void {
  if (result.tag !== 'ok' || result.val?.length !== TUPLE.length) throw new Error('expected the tuple');
}

function expectNone(result: Result): void {
  if (result.tag !== 'ok' || result.val !== undefined) throw new Error('expected no tuple');
}
