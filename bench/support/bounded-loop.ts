/** Callers that call again as soon as they have their answer, for a time, but so often at most. */
import type { Sample } from './figures.ts';

export interface BoundedLoop {
  readonly inFlight: number;
  readonly durationMs: number;
  readonly most: number;
}

/** Calls a second; beside it how many there were. There is no warm-up: what ran before it has to be one. */
export async function boundedLoop(
  { inFlight, durationMs, most }: BoundedLoop,
  call: (number: number) => Promise<void>,
): Promise<Sample> {
  const startedAt = performance.now();
  const endsAt = startedAt + durationMs;
  let calls = 0;
  const runCaller = async (): Promise<void> => {
    while (performance.now() < endsAt && calls < most) {
      calls += 1;
      await call(calls);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, runCaller));
  return { value: (calls / (performance.now() - startedAt)) * 1000, details: { calls } };
}
