/** Messaging: thread half. Addresses are checked where the actors are, on the main thread. */
import { askHost, askHostToWait } from './context.ts';
import type { HostContext } from './context.ts';
import { expectValue, witResult } from './results.ts';
import type { WitResult } from './results.ts';

export interface MessagingImports {
  sendMessage(to: string, messageType: string, payload: Uint8Array): WitResult<undefined>;
  ask(to: string, messageType: string, payload: Uint8Array, timeoutMs: bigint): WitResult<Uint8Array>;
  selfId(): string;
}

export function messagingImports(context: HostContext): MessagingImports {
  return {
    sendMessage: (to, messageType, payload) =>
      witResult(() => {
        askHost(context, { function: 'send-message', to, messageType, payload });
        return undefined;
      }),
    ask: (to, messageType, payload, timeoutMs) =>
      witResult(() => {
        const answer = askHostToWait(context, { function: 'ask', to, messageType, payload, timeoutMs });
        return expectValue(answer, 'payload').payload;
      }),
    selfId: () => context.selfId(),
  };
}
