/** Tuple space: main half. Runs the guest's operation on the space of its namespace. */
import { PlexSpacesError } from '@plexspaces/core';
import type { HostCall } from '@plexspaces/worker';
import type { Spaces } from '../tuplespace/spaces.ts';
import { expectCapability } from './scope.ts';
import type { HostEffect, HostScope } from './scope.ts';
import type { WaitingEffect } from './waiting.ts';

export type TuplespaceCall = Extract<HostCall, { function: `tuplespace-${string}` }>;

export function isTuplespaceCall(call: HostCall): call is TuplespaceCall {
  return call.function.startsWith('tuplespace-');
}

/** @throws PERMISSION_DENIED without the capability; what the space refuses. */
export function runTuplespaceCall(spaces: Spaces, call: TuplespaceCall, scope: HostScope): HostEffect | WaitingEffect {
  expectCapability(scope, 'tuplespace', call.function);
  const { namespace } = scope;
  switch (call.function) {
    case 'tuplespace-write':
      return { value: { type: 'unit' }, operations: spaces.write(namespace, call.tuple, scope.actor).operations };
    case 'tuplespace-read': {
      const tuple = spaces.read(namespace, call.pattern);
      return { value: tuple === undefined ? { type: 'none' } : { type: 'tuple', tuple }, operations: [] };
    }
    case 'tuplespace-take': {
      const taken = spaces.take(namespace, call.pattern);
      if (taken === undefined) return { value: { type: 'none' }, operations: [] };
      return { value: { type: 'tuple', tuple: taken.tuple }, operations: taken.operations };
    }
    case 'tuplespace-count':
      return { value: { type: 'u64', value: BigInt(spaces.count(namespace, call.pattern)) }, operations: [] };
    default:
      throw new PlexSpacesError('UNIMPLEMENTED', `${call.function} is not served by this node`);
  }
}
