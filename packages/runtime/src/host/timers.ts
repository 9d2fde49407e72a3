/** Timers: main half. */
import { PlexSpacesError } from '@plexspaces/core';
import type { HostCall } from '@plexspaces/worker';
import { expectCapability } from './scope.ts';
import type { HostEffect, HostScope } from './scope.ts';

export type TimersCall = Extract<HostCall, { function: 'send-after' | 'cancel-timer' }>;

export function isTimersCall(call: HostCall): call is TimersCall {
  return call.function === 'send-after' || call.function === 'cancel-timer';
}

/** @throws PERMISSION_DENIED without the capability. */
export function runTimersCall(call: TimersCall, scope: HostScope): HostEffect {
  expectCapability(scope, 'timers', call.function);
  throw new PlexSpacesError('UNIMPLEMENTED', `${call.function} is not served by this node`);
}
