/** Timers: main half. A guest sets and cancels timers of its own actor. */
import type { HostCall } from '@plexspaces/worker';
import type { Timers } from '../timers/timers.ts';
import { expectCapability } from './scope.ts';
import type { HostEffect, HostScope } from './scope.ts';

export type TimersCall = Extract<HostCall, { function: 'send-after' | 'cancel-timer' }>;

export function isTimersCall(call: HostCall): call is TimersCall {
  return call.function === 'send-after' || call.function === 'cancel-timer';
}

/** @throws PERMISSION_DENIED without the capability; what the timers refuse. */
export function runTimersCall(timers: Timers, call: TimersCall, scope: HostScope): HostEffect {
  expectCapability(scope, 'timers', call.function);
  const { address: actor, isDurable } = scope;
  switch (call.function) {
    case 'send-after': {
      const { messageType, payload } = call;
      const { number, operations } = timers.set({ actor, isDurable }, call.delayMs, { messageType, payload });
      return { value: { type: 'u64', value: number }, operations };
    }
    case 'cancel-timer': {
      const operations = timers.cancel(actor, call.timer);
      return { value: { type: 'bool', value: operations !== undefined }, operations: operations ?? [] };
    }
  }
}
