/** Timers: thread half. The clock that they run by is the node's, on the main thread. */
import { askHost } from './context.ts';
import type { HostContext } from './context.ts';
import { expectBool, expectU64, witResult } from './results.ts';
import type { WitResult } from './results.ts';

export interface TimersImports {
  sendAfter(delayMs: bigint, messageType: string, payload: Uint8Array): WitResult<bigint>;
  cancelTimer(timer: bigint): WitResult<boolean>;
}

export function timersImports(context: HostContext): TimersImports {
  return {
    sendAfter: (delayMs, messageType, payload) =>
      witResult(() => expectU64(askHost(context, { function: 'send-after', delayMs, messageType, payload }))),
    cancelTimer: (timer) => witResult(() => expectBool(askHost(context, { function: 'cancel-timer', timer }))),
  };
}
