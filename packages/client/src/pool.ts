/** The figures of an application's worker pool. */
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';

export interface PoolFigures {
  readonly min: number;
  readonly max: number;
  /** Workers alive. */
  readonly total: number;
  /** Workers with a call. */
  readonly active: number;
  readonly idle: number;
  /** Calls that wait for a worker. */
  readonly queued: number;
  /** Workers whose call waits for a tuple. */
  readonly blockedOnTuplespace: number;
  /** Since the pool was started, as the two that follow. */
  readonly completed: number;
  readonly failed: number;
  /** Workers that were ended and started anew. */
  readonly replaced: number;
}

export async function readPool(
  { pools }: Stubs,
  applicationId: string,
  options: CallOptions,
  deadlineMs: number,
): Promise<PoolFigures> {
  const stats = await pools.getPool({ applicationId }, stubOptions(options, deadlineMs));
  return {
    min: stats.min,
    max: stats.max,
    total: stats.total,
    active: stats.active,
    idle: stats.idle,
    queued: stats.queued,
    blockedOnTuplespace: stats.blockedOnTuplespace,
    completed: Number(stats.completed),
    failed: Number(stats.failed),
    replaced: Number(stats.replaced),
  };
}
