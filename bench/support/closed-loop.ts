/**
 * A closed loop: N callers, each of which calls again as soon as it has its answer, for a fixed time.
 *
 * It shows what a fixed number of patient callers get. It does not show what happens to calls that arrive at a
 * rate of their own: under overload an open system waits longer than these latencies say.
 */
import { createHistogram, performance } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import type { Sample } from './figures.ts';

export interface LoopOptions {
  readonly inFlight: number;
  readonly durationMs: number;
}

/** Of the measured time; it is what the code needs to be compiled and the threads to be up. */
const WARM_UP_PART = 0.25;
const NANOS_PER_MS = 1_000_000;
const MICROS_PER_MS = 1000;

/**
 * Calls a second, with latencies, the CPU time a call of this process and, of that, of its main thread, and how
 * busy the main thread was. CPU time is what a machine with busy neighbours tells best.
 */
export async function closedLoop(options: LoopOptions, call: (caller: number) => Promise<void>): Promise<Sample> {
  await runCallers(options, options.durationMs * WARM_UP_PART, call);
  const latency = createHistogram();
  const cpu = process.cpuUsage();
  const mainCpu = process.threadCpuUsage();
  const loop = performance.eventLoopUtilization();
  const startedAt = performance.now();
  await runCallers(options, options.durationMs, call, latency);
  const elapsedMs = performance.now() - startedAt;
  const cpuMicros = sum(process.cpuUsage(cpu)) / latency.count;
  const mainCpuMicros = sum(process.threadCpuUsage(mainCpu)) / latency.count;
  return {
    value: (latency.count / elapsedMs) * MICROS_PER_MS,
    details: {
      p50Ms: latency.percentile(50) / NANOS_PER_MS,
      p99Ms: latency.percentile(99) / NANOS_PER_MS,
      cpuMicros,
      mainCpuMicros,
      mainBusy: performance.eventLoopUtilization(loop).utilization,
    },
  };
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

async function runCallers(
  { inFlight }: LoopOptions,
  durationMs: number,
  call: (caller: number) => Promise<void>,
  latency?: RecordableHistogram,
): Promise<void> {
  const endsAt = performance.now() + durationMs;
  const runCaller = async (caller: number): Promise<void> => {
    for (let sentAt = performance.now(); sentAt < endsAt;) {
      await call(caller);
      const now = performance.now();
      latency?.record(Math.max(1, Math.round((now - sentAt) * NANOS_PER_MS)));
      sentAt = now;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, caller) => runCaller(caller)));
}
