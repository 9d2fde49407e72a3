/** What the main thread needs of the boundary; the thread's own half starts at `@plexspaces/worker/thread`. */
export { createBridgeBuffer, MAX_MESSAGE_BYTES } from './bridge/layout.ts';
export { BridgeServer } from './bridge/server.ts';
export type { BridgeHandler } from './bridge/server.ts';
export { BridgeCaller } from './bridge/caller.ts';
export { decodeHostCall, decodeHostReply, encodeHostCall, encodeHostReply } from './bridge/codec.ts';
export { comlinkEndpoint } from './endpoint.ts';
export type {
  Activation,
  ComponentSource,
  FromThread,
  GuestCall,
  GuestOutcome,
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
