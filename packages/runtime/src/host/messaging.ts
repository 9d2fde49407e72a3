/** Messaging: main half. */
import { PlexSpacesError } from '@plexspaces/core';
import type { HostCall } from '@plexspaces/worker';
import { expectCapability } from './scope.ts';
import type { HostEffect, HostScope } from './scope.ts';

export type MessagingCall = Extract<HostCall, { function: 'send-message' | 'ask' }>;

export function isMessagingCall(call: HostCall): call is MessagingCall {
  return call.function === 'send-message' || call.function === 'ask';
}

/** @throws PERMISSION_DENIED without the capability. */
export function runMessagingCall(call: MessagingCall, scope: HostScope): HostEffect {
  expectCapability(scope, 'messaging', call.function);
  throw new PlexSpacesError('UNIMPLEMENTED', `${call.function} is not served by this node`);
}
