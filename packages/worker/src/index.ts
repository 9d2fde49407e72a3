/** What the main thread needs of the boundary; the thread's own half starts at `@plexspaces/worker/thread`. */
export { MAX_CALL_ID, postCall, takeBackCall } from './bridge/claims.ts';
export { createBridgeBuffer, headerCells, MAX_MESSAGE_BYTES, MAX_SENT_CALLS } from './bridge/layout.ts';
export { MainEnd } from './bridge/main-end.ts';
export { BridgeServer } from './bridge/server.ts';
export type { BridgeHandler } from './bridge/server.ts';
export { BridgeCaller } from './bridge/caller.ts';
export { decodeHostCall, decodeHostReply, encodeHostCall, encodeHostReply } from './bridge/codec.ts';
export { isCoreLeftForThread } from './bridge/busy-threads.ts';
export { areCallsQuick, areCallsShort, cpuMsOf, mostBehind, readRunning, readThread } from './bridge/status.ts';
export type { RunningCall } from './bridge/status.ts';
export { comlinkEndpoint } from './endpoint.ts';
export { wallMicros } from './host/time.ts';
export { sendToEventLoop } from './bridge/wake-up.ts';
export type { WearLimit } from './memory-wear.ts';
export { FIRST_SLOT } from './protocol.ts';
export type {
  Activation,
  ActorExport,
  ComponentSource,
  FromThread,
  GuestCall,
  GuestOutcome,
  GuestResult,
  GuestTarget,
  HostCall,
  HostFunction,
  HostReply,
  HostValue,
  InstanceSlot,
  LogLine,
  MessageContext,
  SessionTask,
  ToThread,
  TrapReason,
  WorkerControl,
} from './protocol.ts';
