/** What the host functions of one instance share. */
import { PlexSpacesError } from '@plexspaces/core';
import type { BridgeCaller } from '../bridge/caller.ts';
import { decodeHostReply, encodeHostCall } from '../bridge/codec.ts';
import type { GuestLog } from '../guest-log.ts';
import type { MessageClock } from '../message-clock.ts';
import type { MessageSeed } from '../message-seed.ts';
import type { HostCall, HostValue, MessageContext } from '../protocol.ts';

export interface HostContext {
  /** The actor's address, as the message being handled is to see it. */
  selfId(): string;
  readonly bridge: BridgeCaller;
  readonly clock: MessageClock;
  readonly seed: MessageSeed;
  readonly log: GuestLog;
  /** The message being handled. @throws FAILED_PRECONDITION outside of one. */
  message(): MessageContext;
  /** To be called before the thread is kept waiting by anything but the bridge. */
  readonly beforeWait: () => void;
}

/** Asks the main thread for what it has at once. @throws the host's error, FAILED_PRECONDITION where only logging is allowed. */
export function askHost(context: HostContext, call: HostCall): HostValue {
  return exchange(context, call, 0);
}

/** Asks the main thread for what it may have later. @throws as askHost. */
export function askHostToWait(context: HostContext, call: HostCall & { readonly timeoutMs: bigint }): HostValue {
  return exchange(context, call, Number(call.timeoutMs));
}

function exchange(context: HostContext, call: HostCall, waitMs: number): HostValue {
  if (context.message().hostCalls === 'log-only') {
    throw new PlexSpacesError(
      'FAILED_PRECONDITION',
      `${call.function}: a restoring init, snapshot-state and shutdown may only log`,
    );
  }
  const reply = decodeHostReply(context.bridge.call(encodeHostCall(call), waitMs));
  context.clock.advance(BigInt(reply.durationMicros));
  if (reply.ok) return reply.value;
  throw new PlexSpacesError(reply.code, reply.message);
}
