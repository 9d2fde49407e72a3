/** Shared state of a service: main half. Runs the guest's operation on what its own service shares. */
import type { HostCall } from '@plexspaces/worker';
import type { SharedState } from '../state/shared-state.ts';
import { expectCapability } from './scope.ts';
import type { HostEffect, HostScope } from './scope.ts';

/** Shared state as guests use it: the values of a service, by its id. */
export type GuestState = Pick<SharedState, 'get' | 'put' | 'delete' | 'list'>;

export type StateCall = Extract<HostCall, { function: `state-${string}` }>;

export function isStateCall(call: HostCall): call is StateCall {
  return call.function.startsWith('state-');
}

/** @throws PERMISSION_DENIED without the capability; what the shared state refuses. */
export function runStateCall(state: GuestState, call: StateCall, scope: HostScope): HostEffect {
  expectCapability(scope, 'state', call.function);
  const { service } = scope.address;
  switch (call.function) {
    case 'state-get': {
      const found = state.get(service, call.key);
      if (found === undefined) return { value: { type: 'none' }, operations: [] };
      return { value: { type: 'versioned', payload: found.value, version: found.version }, operations: [] };
    }
    case 'state-put': {
      const put = state.put(service, call.key, call.value, call);
      if (put === undefined) return { value: { type: 'none' }, operations: [] };
      return { value: { type: 'u64', value: put.version }, operations: put.operations };
    }
    case 'state-delete': {
      const operations = state.delete(service, call.key, call.ifVersion);
      return { value: { type: 'bool', value: operations !== undefined }, operations: operations ?? [] };
    }
    case 'state-list':
      return { value: { type: 'texts', texts: state.list(service, call.prefix, call.limit) }, operations: [] };
  }
}
