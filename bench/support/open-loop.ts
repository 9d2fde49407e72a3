/**
 * An open loop: calls come at a rate of their own, whether those before them are answered or not. Latency counts from
 * the moment at which a call was due, so that one that had to wait before it was sent is not taken for a fast one
 * ("coordinated omission", Gil Tene).
 */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sample } from './figures.ts';

export interface OpenLoopOptions {
  readonly perSecond: number;
  readonly durationMs: number;
}

/** Past this the node is so far behind that more would only fill memory. */
const MAX_UNANSWERED = 10_000;
const TICK_MS = 1;
const MS_PER_SECOND = 1000;
const NANOS_PER_MS = 1_000_000;
/** Of the measured time, at the same rate. */
const WARM_UP_PART = 0.25;

/** Answered calls a second, with latencies. @throws where more than 10,000 are unanswered. */
export async function openLoop(options: OpenLoopOptions, call: (caller: number) => Promise<void>): Promise<Sample> {
  await sendPaced({ ...options, durationMs: options.durationMs * WARM_UP_PART }, call, () => undefined);
  const latency = createHistogram();
  const startedAt = performance.now();
  await sendPaced(options, call, (ms) => latency.record(Math.max(1, Math.round(ms * NANOS_PER_MS))));
  const elapsedMs = performance.now() - startedAt;
  return {
    value: (latency.count / elapsedMs) * MS_PER_SECOND,
    details: { p50Ms: latency.percentile(50) / NANOS_PER_MS, p99Ms: latency.percentile(99) / NANOS_PER_MS },
  };
}

/** Resolves when all that was sent is answered. */
async function sendPaced(
  { perSecond, durationMs }: OpenLoopOptions,
  call: (caller: number) => Promise<void>,
  record: (latencyMs: number) => void,
): Promise<void> {
  const unanswered = new Set<Promise<void>>();
  const startedAt = performance.now();
  const all = Math.max(1, Math.floor((perSecond * durationMs) / MS_PER_SECOND));
  for (let sent = 0; sent < all; await delay(TICK_MS)) {
    const due = Math.min(all, Math.floor(((performance.now() - startedAt) * perSecond) / MS_PER_SECOND));
    for (; sent < due; sent += 1) {
      const dueAt = startedAt + (sent * MS_PER_SECOND) / perSecond;
      const answered = call(sent).then(() => record(performance.now() - dueAt));
      unanswered.add(answered);
      answered.then(
        () => unanswered.delete(answered),
        () => undefined, // it stays, and is thrown at the end
      );
    }
    if (unanswered.size > MAX_UNANSWERED) throw new Error(`more than ${MAX_UNANSWERED} calls are unanswered`);
  }
  await Promise.all(unanswered);
}
