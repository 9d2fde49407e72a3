/** One thing after the other for a fixed time. */
import { median } from 'simple-statistics';
import type { Sample } from './figures.ts';

export interface Repeated {
  readonly count: number;
  readonly elapsedMs: number;
}

/** A promise is awaited, anything else is not: an await costs more than some of what is measured. */
export async function repeat(durationMs: number, action: () => Promise<unknown> | void): Promise<Repeated> {
  const startedAt = performance.now();
  let count = 0;
  let now = startedAt;
  for (; now - startedAt < durationMs; now = performance.now()) {
    const pending = action();
    if (pending !== undefined) await pending;
    count += 1;
  }
  return { count, elapsedMs: now - startedAt };
}

/** Median µs of one of the `each` calls that an action makes, warm. */
export async function perCall(durationMs: number, each: number, action: () => Promise<void>): Promise<Sample> {
  await repeat(durationMs / 4, action);
  const micros: number[] = [];
  await repeat(durationMs, async () => {
    const startedAt = performance.now();
    await action();
    micros.push(((performance.now() - startedAt) * 1000) / each);
  });
  return { value: median(micros) };
}

export function perSecond({ count, elapsedMs }: Repeated): number {
  return (count / elapsedMs) * 1000;
}

export function microsEach({ count, elapsedMs }: Repeated): number {
  return (elapsedMs * 1000) / count;
}
