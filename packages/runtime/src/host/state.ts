/** Shared state of a service: main half. */
import { PlexSpacesError } from '@plexspaces/core';
import type { HostCall } from '@plexspaces/worker';
import { expectCapability } from './scope.ts';
import type { HostEffect, HostScope } from './scope.ts';

export type StateCall = Extract<HostCall, { function: `state-${string}` }>;

export function isStateCall(call: HostCall): call is StateCall {
  return call.function.startsWith('state-');
}

/** @throws PERMISSION_DENIED without the capability. */
export function runStateCall(call: StateCall, scope: HostScope): HostEffect {
  expectCapability(scope, 'state', call.function);
  throw new PlexSpacesError('UNIMPLEMENTED', `${call.function} is not served by this node`);
}
