/** What /metrics says of figures that were counted elsewhere. */
import { ApplicationRecord } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../../packages/runtime/src/histogram.ts';
import { callTimes } from '../../../packages/runtime/src/pool/call-times.ts';
import { Metrics } from '../../../packages/runtime/src/services/metrics.ts';
import type { NodeFigures } from '../../../packages/runtime/src/services/metrics.ts';

const STATS = {
  min: 1,
  max: 8,
  total: 7,
  active: 5,
  idle: 2,
  queued: 3,
  blockedOnTuplespace: 4,
  completed: 100,
  failed: 10,
  replaced: 9,
  renewed: 20,
};

describe('a histogram', () => {
  it('counts each value in the first bucket that is not below it', () => {
    const histogram = new Histogram([1, 2, 5]);
    for (const value of [0.5, 1, 1.5, 5, 6, 100]) histogram.observe(value);
    expect(histogram.cumulative).toEqual([2, 3, 4, 6]);
    expect(histogram.sum).toBe(114);
  });

  it('takes no time for a negative one', () => {
    const histogram = new Histogram([1]);
    histogram.observeSince(2_000, 1_000);
    histogram.observeSince(1_000, 3_500);
    expect([histogram.cumulative, histogram.sum]).toEqual([[1, 2], 2.5]);
  });
});

describe('the text', () => {
  it('has the figures of each pool under its application, and those of the node', async () => {
    const text = await textOf(figures());
    for (const line of [
      'plexspaces_pool_workers{application="calculator"} 7',
      'plexspaces_pool_workers_active{application="calculator"} 5',
      'plexspaces_pool_workers_idle{application="calculator"} 2',
      'plexspaces_pool_workers_blocked_on_tuplespace{application="calculator"} 4',
      'plexspaces_pool_calls_queued{application="calculator"} 3',
      'plexspaces_pool_calls_completed_total{application="calculator"} 100',
      'plexspaces_pool_calls_failed_total{application="calculator"} 10',
      'plexspaces_pool_workers_replaced_total{application="calculator"} 9',
      'plexspaces_pool_instances_renewed_total{application="calculator"} 20',
      'plexspaces_call_run_seconds_bucket{application="calculator",le="0.01"} 0',
      'plexspaces_call_run_seconds_bucket{application="calculator",le="0.025"} 1',
      'plexspaces_call_run_seconds_bucket{application="calculator",le="+Inf"} 2',
      'plexspaces_call_run_seconds_sum{application="calculator"} 70.02',
      'plexspaces_call_run_seconds_count{application="calculator"} 2',
      'plexspaces_log_batch_operations_bucket{le="5"} 1',
      'plexspaces_log_batch_operations_count 1',
      'plexspaces_threads 7',
      'plexspaces_space_tuples 11',
      'plexspaces_space_waiters 13',
      'plexspaces_inbox_messages 14',
      'plexspaces_live_actors 15',
      'plexspaces_timers 16',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toContain('# TYPE plexspaces_call_run_seconds histogram');
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('says the present figures each time, and nothing of who has gone', async () => {
    let present: NodeFigures | undefined = figures();
    using metrics = new Metrics(() => present);
    const first = await metrics.text();
    expect(pools(await metrics.text())).toEqual(pools(first)); // a counter that was read is not counted again
    present = { ...figures(), applications: [] };
    expect(pools(await metrics.text())).toEqual([]);
    present = undefined;
    expect(await metrics.text()).toContain('process_cpu_seconds_total');
  });

  it('leaves out an application that does not run', async () => {
    const stopped = { ...application(), stats: () => undefined, times: undefined };
    expect(pools(await textOf({ ...figures(), applications: [stopped] }))).toEqual([]);
  });

  it('is of its own node: two of them in one process do not meet', async () => {
    using one = new Metrics(figures);
    using other = new Metrics(() => undefined);
    expect(pools(await one.text())).not.toEqual([]);
    expect(pools(await other.text())).toEqual([]);
  });
});

function figures(): NodeFigures {
  const batches = new Histogram([5, 10]);
  batches.observe(4);
  return {
    applications: [application()],
    threads: { limit: 64, used: 7, waiting: 0 },
    log: { batchOperations: batches, batchBytes: new Histogram(), writeSeconds: new Histogram() },
    spaces: { spaces: 1, tuples: 11, bytes: 12, waiting: 13, subscriptions: 0 },
    inboxMessages: 14,
    liveActors: 15,
    timers: 16,
  };
}

function application(): NodeFigures['applications'][number] {
  const times = callTimes();
  times.run.observe(0.02);
  times.run.observe(70);
  const record = ApplicationRecord.fromPartial({ applicationId: 'calculator' });
  return { record, stats: () => STATS, times };
}

async function textOf(present: NodeFigures): Promise<string> {
  using metrics = new Metrics(() => present);
  return await metrics.text();
}

function pools(text: string): string[] {
  return text.split('\n').filter((line) => line.includes('application='));
}
