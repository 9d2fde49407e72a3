/** What a pool says of itself. */
export interface PoolStats {
  readonly min: number;
  readonly max: number;
  readonly total: number;
  readonly active: number;
  readonly idle: number;
  readonly queued: number;
  readonly blockedOnTuplespace: number;
  readonly completed: number;
  readonly failed: number;
  readonly replaced: number;
  /** Instances that were made afresh because calls had worn them; no call failed for it. */
  readonly renewed: number;
}

/** Every worker that may be there waits for a tuple, and calls wait behind them: one of those may be to write it. */
export function isStarved({ max, blockedOnTuplespace, queued }: PoolStats): boolean {
  return blockedOnTuplespace === max && queued > 0;
}
