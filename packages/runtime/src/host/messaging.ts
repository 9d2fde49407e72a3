/** Messaging: main half. Tells are deliveries; an ask waits for another actor's reply. */
import { parseActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { HostCall } from '@plexspaces/worker';
import type { Deliveries } from './deliveries.ts';
import { expectCapability } from './scope.ts';
import type { HostEffect, HostScope } from './scope.ts';
import type { WaitingCall, WaitingEffect } from './waiting.ts';
import type { Activity } from './wait-graph.ts';

export type MessagingCall = Extract<HostCall, { function: 'send-message' | 'ask' }>;

export interface Question {
  readonly fromActor: string;
  /** The message whose guest asks. */
  readonly activity: Activity | undefined;
  /** Names the question in all attempts at it; undefined: it has one. */
  readonly callId: string | undefined;
  readonly messageType: string;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What messaging needs of the actors. */
export interface Messenger extends Deliveries {
  /** @throws NOT_FOUND where there is nobody whom the tenant's actors can reach. */
  expectReachable(to: ActorAddress, tenant: string): void;
  /** Resolves to the reply. @throws CALL_CYCLE, EXECUTION_ERROR for the other's "no", what keeps it from answering. */
  ask(to: ActorAddress, question: Question): Promise<HostEffect>;
}

/** Of an ask that names none. */
const DEFAULT_ASK_MS = 5_000;

export function isMessagingCall(call: HostCall): call is MessagingCall {
  return call.function === 'send-message' || call.function === 'ask';
}

/** @throws PERMISSION_DENIED without the capability, INVALID_ARGUMENT, what refuses the delivery. */
export function runMessagingCall(
  messenger: Messenger,
  call: MessagingCall,
  scope: HostScope,
  activity: Activity | undefined,
): HostEffect | WaitingEffect {
  expectCapability(scope, 'messaging', call.function);
  const to = parseActorAddress(call.to);
  const { messageType, payload } = call;
  if (messageType === '') throw new PlexSpacesError('INVALID_ARGUMENT', 'message type: expected a name, found none');
  messenger.expectReachable(to, scope.tenant);
  if (call.function === 'send-message') {
    const operations = messenger.deliver(to, { fromActor: scope.actor, messageType, payload });
    return { value: { type: 'unit' }, operations };
  }
  const { timeoutMs } = call;
  const begin = (waiting: WaitingCall): void => {
    const wantedMs = timeoutMs === 0n ? DEFAULT_ASK_MS : Number(timeoutMs);
    const { callId, signal, remainingMs } = waiting;
    const message = { fromActor: scope.actor, activity, callId, messageType, payload, signal };
    void finish(messenger.ask(to, { ...message, timeoutMs: Math.min(wantedMs, remainingMs) }), waiting);
  };
  return { waitsFor: 'reply', begin };
}

async function finish(reply: Promise<HostEffect>, waiting: WaitingCall): Promise<void> {
  let outcome: HostEffect | PlexSpacesError;
  try {
    outcome = await reply;
  } catch (thrown) {
    outcome = PlexSpacesError.from(thrown);
  }
  waiting.end(outcome);
}
