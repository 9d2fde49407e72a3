/**
 * What the node counts, as Prometheus reads it.
 *
 * It owns a registry of its own and reads the figures when it is asked for them: nothing is pushed into it, so that
 * calls pay for nothing but the counting. The one label is the application, of which there is a limited number.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram as PrometheusHistogram, Registry } from 'prom-client';
import type { MetricValueWithName } from 'prom-client';
import type { Application } from '../actors/application.ts';
import type { Histogram } from '../histogram.ts';
import type { CallTimes } from '../pool/call-times.ts';
import type { ThreadBudget } from '../pool/thread-budget.ts';
import type { PoolStats } from '../pool/pool-stats.ts';
import type { LogFigures } from '../store/log-writer.ts';
import type { Spaces } from '../tuplespace/spaces.ts';

export interface NodeFigures {
  readonly applications: readonly Pick<Application, 'record' | 'stats' | 'times'>[];
  readonly threads: Pick<ThreadBudget, 'limit' | 'used' | 'waiting'>;
  readonly log: LogFigures;
  readonly spaces: Spaces['figures'];
  readonly inboxMessages: number;
  readonly liveActors: number;
  readonly timers: number;
}

type Named<Read> = readonly [name: string, help: string, read: Read];
type Labels = { readonly application?: string };
type BucketLabels = Labels & { readonly le: number | string };
type Sample<T> = readonly [labels: Labels, value: T];

const NODE_GAUGES: readonly Named<(figures: NodeFigures) => number>[] = [
  ['plexspaces_threads', 'Worker threads that run or are reserved.', ({ threads }) => threads.used],
  ['plexspaces_threads_limit', 'Worker threads that all applications may have.', ({ threads }) => threads.limit],
  ['plexspaces_threads_waiting', 'Applications that wait for another thread.', ({ threads }) => threads.waiting],
  ['plexspaces_spaces', 'Tuple spaces.', ({ spaces }) => spaces.spaces],
  ['plexspaces_space_tuples', 'Tuples in all spaces.', ({ spaces }) => spaces.tuples],
  ['plexspaces_space_bytes', 'Bytes of the tuples in their binary form.', ({ spaces }) => spaces.bytes],
  ['plexspaces_space_waiters', 'Blocking reads and takes that wait.', ({ spaces }) => spaces.waiting],
  ['plexspaces_space_subscriptions', 'Subscriptions to tuples.', ({ spaces }) => spaces.subscriptions],
  ['plexspaces_inbox_messages', 'Messages that wait for durable actors.', ({ inboxMessages }) => inboxMessages],
  ['plexspaces_live_actors', 'Durable actors with a live instance.', ({ liveActors }) => liveActors],
  ['plexspaces_timers', 'Timers of actors that have not fired.', ({ timers }) => timers],
];

const POOL_GAUGES: readonly Named<(stats: PoolStats) => number>[] = [
  ['plexspaces_pool_workers', 'Workers that are alive.', ({ total }) => total],
  ['plexspaces_pool_workers_min', 'Least number of workers.', ({ min }) => min],
  ['plexspaces_pool_workers_max', 'Greatest number of workers.', ({ max }) => max],
  ['plexspaces_pool_workers_active', 'Workers with a call.', ({ active }) => active],
  ['plexspaces_pool_workers_idle', 'Workers without a call.', ({ idle }) => idle],
  [
    'plexspaces_pool_workers_blocked_on_tuplespace',
    'Workers whose call waits for a tuple.',
    ({ blockedOnTuplespace }) => blockedOnTuplespace,
  ],
  ['plexspaces_pool_calls_queued', 'Calls that wait for a worker.', ({ queued }) => queued],
];

const POOL_COUNTERS: readonly Named<(stats: PoolStats) => number>[] = [
  ['plexspaces_pool_calls_completed_total', 'Calls that the guest answered.', ({ completed }) => completed],
  ['plexspaces_pool_calls_failed_total', 'Calls that ended their instance.', ({ failed }) => failed],
  ['plexspaces_pool_workers_replaced_total', 'Workers that were ended and replaced.', ({ replaced }) => replaced],
  [
    'plexspaces_pool_instances_renewed_total',
    'Instances renewed because calls had worn them.',
    ({ renewed }) => renewed,
  ],
];

const CALL_HISTOGRAMS: readonly Named<(times: CallTimes) => Histogram>[] = [
  ['plexspaces_call_wait_seconds', 'From the arrival of a call until a worker takes it.', ({ wait }) => wait],
  ['plexspaces_call_run_seconds', 'From then until the guest has answered.', ({ run }) => run],
  ['plexspaces_host_call_seconds', "A guest's call of the host, its waiting included.", ({ hostCall }) => hostCall],
];

const LOG_HISTOGRAMS: readonly Named<(log: LogFigures) => Histogram>[] = [
  ['plexspaces_log_batch_operations', 'Changes in a batch of the log.', ({ batchOperations }) => batchOperations],
  ['plexspaces_log_batch_bytes', 'Bytes in a batch of the log.', ({ batchBytes }) => batchBytes],
  ['plexspaces_log_write_seconds', 'Writing and syncing a batch of the log.', ({ writeSeconds }) => writeSeconds],
];

export class Metrics implements Disposable {
  readonly contentType: string = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();

  /** @param look undefined: nothing is served right now, and there are the process' own figures only. */
  constructor(look: () => NodeFigures | undefined) {
    const registers: Registry[] = []; // prom-client's default would be one registry for the whole process
    const labelNames = ['application'] as const;
    collectDefaultMetrics({ register: this.#registry });
    for (const [name, help, read] of NODE_GAUGES) {
      this.#registry.registerMetric(
        new Gauge({ name, help, registers, collect: filledBy(() => ofNode(look(), read)) }),
      );
    }
    for (const [name, help, read] of POOL_GAUGES) {
      this.#registry.registerMetric(
        new Gauge({ name, help, registers, labelNames, collect: filledBy(() => ofPools(look(), read)) }),
      );
    }
    for (const [name, help, read] of POOL_COUNTERS) {
      this.#registry.registerMetric(
        new Counter({ name, help, registers, labelNames, collect: filledBy(() => ofPools(look(), read)) }),
      );
    }
    for (const [name, help, read] of CALL_HISTOGRAMS) {
      this.#registry.registerMetric(new CountedHistogram(name, help, () => ofCalls(look(), read)));
    }
    for (const [name, help, read] of LOG_HISTOGRAMS) {
      this.#registry.registerMetric(new CountedHistogram(name, help, () => ofNode(look(), ({ log }) => read(log))));
    }
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  [Symbol.dispose](): void {
    this.#registry.clear();
  }
}

interface CountedValues {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  readonly values: readonly MetricValueWithName<string>[];
}

/** A histogram that was counted elsewhere. */
class CountedHistogram extends PrometheusHistogram {
  readonly #read: () => readonly Sample<Histogram>[];
  readonly #name: string;
  readonly #help: string;

  constructor(name: string, help: string, read: () => readonly Sample<Histogram>[]) {
    super({ name, help, registers: [] });
    this.#name = name;
    this.#help = help;
    this.#read = read;
  }

  /** What prom-client writes its text from, and `get` its object; its types do not tell of it. */
  getForPromString(): Promise<CountedValues> {
    const values = this.#read().flatMap(([labels, histogram]) => this.#valuesOf(labels, histogram));
    return Promise.resolve({ name: this.#name, help: this.#help, type: 'histogram', values });
  }

  #valuesOf(labels: Labels, { bounds, sum, cumulative }: Histogram): MetricValueWithName<string>[] {
    const value = (suffix: string, own: Labels | BucketLabels, number: number): MetricValueWithName<string> => ({
      metricName: `${this.#name}_${suffix}`,
      labels: own,
      value: number,
    });
    const buckets = cumulative.map((count, at) => value('bucket', { ...labels, le: bounds[at] ?? '+Inf' }, count));
    return [...buckets, value('sum', labels, sum), value('count', labels, cumulative.at(-1) ?? 0)];
  }
}

/** What a gauge and a counter have in common. */
interface Filled {
  reset(): void;
  inc(labels: Labels, value: number): void;
}

/** For prom-client's `collect`: what was there before is gone. */
function filledBy(read: () => readonly Sample<number>[]): (this: Filled) => void {
  return function fill() {
    this.reset();
    for (const [labels, value] of read()) this.inc(labels, value);
  };
}

function ofNode<T>(figures: NodeFigures | undefined, read: (figures: NodeFigures) => T): Sample<T>[] {
  return figures === undefined ? [] : [[{}, read(figures)]];
}

/** Of those that run. */
function ofPools(figures: NodeFigures | undefined, read: (stats: PoolStats) => number): Sample<number>[] {
  return (figures?.applications ?? []).flatMap((application): Sample<number>[] => {
    const stats = application.stats();
    return stats === undefined ? [] : [[{ application: application.record.applicationId }, read(stats)]];
  });
}

function ofCalls(figures: NodeFigures | undefined, read: (times: CallTimes) => Histogram): Sample<Histogram>[] {
  return (figures?.applications ?? []).flatMap(({ record, times }): Sample<Histogram>[] =>
    times === undefined ? [] : [[{ application: record.applicationId }, read(times)]],
  );
}
