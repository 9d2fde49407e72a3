/** One thing after the other for a fixed time. */
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

export function perSecond({ count, elapsedMs }: Repeated): number {
  return (count / elapsedMs) * 1000;
}

export function microsEach({ count, elapsedMs }: Repeated): number {
  return (elapsedMs * 1000) / count;
}
