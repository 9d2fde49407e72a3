/** A call's time limit and its caller's cancellation as one signal; disposed of, it leaves no timer behind. */
import { expectTimerMs } from './options.ts';

export interface Deadline extends Disposable {
  /** Aborted when the time is over or one of the callers' signals is. */
  readonly signal: AbortSignal;
  /** Whether it was the time that ended it. */
  readonly passed: boolean;
}

/** @throws INVALID_ARGUMENT for a time outside 1..2^31-1 milliseconds. */
export function startDeadline(deadlineMs: number, callers: readonly AbortSignal[]): Deadline {
  const controller = new AbortController();
  let passed = false;
  const timer = setTimeout(
    () => {
      passed = true;
      controller.abort();
    },
    expectTimerMs(deadlineMs, 'deadlineMs'),
  );
  const cancel = (): void => controller.abort();
  for (const caller of callers) {
    if (caller.aborted) cancel();
    caller.addEventListener('abort', cancel);
  }
  return {
    signal: controller.signal,
    get passed(): boolean {
      return passed;
    },
    [Symbol.dispose](): void {
      clearTimeout(timer);
      for (const caller of callers) caller.removeEventListener('abort', cancel);
    },
  };
}
