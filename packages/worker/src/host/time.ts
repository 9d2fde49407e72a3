/**
 * Time: thread half. The clock is the message's own. A sleep begins with a host call, which is recorded with the time
 * at which it ends: a replay of an ended message skips it, one of an interrupted message sleeps what is left of it.
 */
import { askHost } from './context.ts';
import type { HostContext } from './context.ts';
import { expectU64 } from './results.ts';

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
  const left = leftOf(context, bounded);
  if (left > 0n && !context.message().replayed) {
    context.beforeWait();
    Atomics.wait(nobodyNotifies, 0, 0, Number(left) / 1000);
  }
  context.clock.advance(bounded);
}

/** Where only logging is allowed nothing is recorded, and all of it is slept. */
function leftOf(context: HostContext, micros: bigint): bigint {
  if (micros === 0n || context.message().hostCalls === 'log-only') return micros;
  const left = expectU64(askHost(context, { function: 'sleep-millis', micros })) - wallMicros();
  return left > micros ? micros : left; // the machine's clock may have been set back
}

/** The machine's time, in microseconds since 1970: when sleeps end is told between threads in it. */
export function wallMicros(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
}
