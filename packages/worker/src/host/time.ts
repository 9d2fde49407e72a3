/** Time: thread half. The clock is the message's own; a sleep is real when live and skipped on replay. */
import type { HostContext } from './context.ts';

export interface TimeImports {
  nowMillis(): bigint;
  sleepMillis(durationMs: bigint): void;
}

/** No sleep is longer than the call's own deadline, which ends the thread; this bounds the arithmetic. */
const MAX_SLEEP_MICROS = 86_400_000_000n;
const nobodyNotifies = new Int32Array(new SharedArrayBuffer(4));

export function timeImports(context: HostContext): TimeImports {
  return {
    nowMillis: () => context.clock.read() / 1000n,
    sleepMillis: (durationMs) => sleepMicros(context, durationMs * 1000n),
  };
}

export function sleepMicros(context: HostContext, micros: bigint): void {
  const bounded = micros > MAX_SLEEP_MICROS ? MAX_SLEEP_MICROS : micros;
  if (!context.message().replayed) {
    context.beforeWait();
    Atomics.wait(nobodyNotifies, 0, 0, Number(bounded) / 1000);
  }
  context.clock.advance(bounded);
}
