/** Tuple space: main half. Runs the guest's operation on the space of its namespace. */
import type { HostCall } from '@plexspaces/worker';
import type { StoreOperation } from '../store/store.ts';
import type { ActorSubscriptions } from '../tuplespace/actor-subscriptions.ts';
import { spaceOf } from '../tuplespace/space-name.ts';
import type { Spaces } from '../tuplespace/spaces.ts';
import { expectCapability } from './scope.ts';
import type { HostEffect, HostScope } from './scope.ts';
import { found, parkTupleWait } from './tuple-waits.ts';
import type { BlockingCall } from './tuple-waits.ts';
import type { WaitingEffect } from './waiting.ts';

export type TuplespaceCall = Extract<HostCall, { function: `tuplespace-${string}` }>;

export interface TuplespacePorts {
  readonly spaces: Spaces;
  readonly subscriptions: ActorSubscriptions;
}

export function isTuplespaceCall(call: HostCall): call is TuplespaceCall {
  return call.function.startsWith('tuplespace-');
}

/** @throws PERMISSION_DENIED without the capability; what the space refuses. */
export function runTuplespaceCall(
  { spaces, subscriptions }: TuplespacePorts,
  call: TuplespaceCall,
  scope: HostScope,
): HostEffect | WaitingEffect {
  expectCapability(scope, 'tuplespace', call.function);
  const space = spaceOf(scope);
  switch (call.function) {
    case 'tuplespace-write':
      return { value: { type: 'unit' }, operations: spaces.write(space, call.tuple, scope.actor).operations };
    case 'tuplespace-write-with-ttl': {
      const { number, operations } = spaces.write(space, call.tuple, scope.actor, Number(call.ttlMs));
      return { value: { type: 'u64', value: number }, operations };
    }
    case 'tuplespace-renew':
      return whether(spaces.renew(space, call.lease, Number(call.ttlMs)));
    case 'tuplespace-read':
    case 'tuplespace-take': {
      const { tuple, operations } =
        spaces.look(space, call.pattern, call.function === 'tuplespace-take' ? 'take' : 'read') ?? {};
      return found(tuple, operations);
    }
    case 'tuplespace-read-blocking':
    case 'tuplespace-take-blocking':
      return lookOrPark(spaces, space, call, scope);
    case 'tuplespace-read-all':
      return { value: { type: 'tuples', tuples: spaces.readAll(space, call.pattern, call.limit) }, operations: [] };
    case 'tuplespace-count':
      return { value: { type: 'u64', value: BigInt(spaces.count(space, call.pattern)) }, operations: [] };
    case 'tuplespace-compare-and-swap':
      return whether(spaces.compareAndSwap(space, call.pattern, { ...call, writer: scope.actor }));
    case 'tuplespace-subscribe': {
      const { id, operations } = subscriptions.subscribe(scope, space, call.pattern);
      return { value: { type: 'u64', value: id }, operations };
    }
    case 'tuplespace-unsubscribe':
      return whether(subscriptions.unsubscribe(scope.address, call.subscription));
  }
}

function lookOrPark(spaces: Spaces, space: string, call: BlockingCall, scope: HostScope): HostEffect | WaitingEffect {
  const kind = call.function === 'tuplespace-take-blocking' ? 'take' : 'read';
  const { tuple, operations } = spaces.look(space, call.pattern, kind) ?? {};
  if (tuple !== undefined || call.timeoutMs === 0n) return found(tuple, operations);
  const isStarved = (): boolean => scope.isStarved?.() === true;
  return { waitsFor: 'tuple', begin: (waiting) => parkTupleWait(spaces, space, { call, kind, isStarved, waiting }) };
}

/** @param operations undefined: nothing changed, and so it was not done. */
function whether(operations: readonly StoreOperation[] | undefined): HostEffect {
  return { value: { type: 'bool', value: operations !== undefined }, operations: operations ?? [] };
}
