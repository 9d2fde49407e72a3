/** How long the calls of a pool waited, ran and were in the host. */
import { Histogram } from '../histogram.ts';

export interface CallTimes {
  /** From a call's arrival until a worker takes it. */
  readonly wait: Histogram;
  /** From there until the guest has answered. */
  readonly run: Histogram;
  /** From a guest's host call until the host's answer, what it waited for included. */
  readonly hostCall: Histogram;
}

export function callTimes(): CallTimes {
  return { wait: new Histogram(), run: new Histogram(), hostCall: new Histogram() };
}
