/**
 * The thread's half of the host functions, joined to the main thread's half without a thread: the bridge is the
 * real one, and whoever rings its doorbell finds the answer there when the ringing returns.
 */
import { BridgeCaller } from '../../packages/worker/src/bridge/caller.ts';
import {
  BridgeState,
  createBridgeBuffer,
  headerCells,
  putMessage,
  STATE_CELL,
  takeMessage,
} from '../../packages/worker/src/bridge/layout.ts';
import { GuestLog } from '../../packages/worker/src/guest-log.ts';
import type { HostContext } from '../../packages/worker/src/host/context.ts';
import { MessageClock } from '../../packages/worker/src/message-clock.ts';
import { MessageSeed } from '../../packages/worker/src/message-seed.ts';
import type { LogLine, MessageContext } from '../../packages/worker/src/protocol.ts';

export interface JoinedContext extends HostContext {
  readonly lines: readonly LogLine[];
}

export interface JoinedOptions {
  readonly answer?: (request: Uint8Array) => Uint8Array;
  readonly message?: Partial<MessageContext>;
  readonly logBytesPerSecond?: number;
}

export const START_MICROS = 1_000_000_000_000n;

export function joinedContext(options: JoinedOptions = {}): JoinedContext {
  const { answer = refuse, logBytesPerSecond = 1_000_000 } = options;
  const lines: LogLine[] = [];
  const message: MessageContext = {
    sequence: 7n,
    startMicros: START_MICROS,
    seed: new Uint8Array(32),
    replayed: false,
    restoring: false,
    hostCalls: 'all',
    ...options.message,
  };
  const clock = new MessageClock();
  clock.reset(message.startMicros);
  return {
    selfId: () => message.selfId ?? 'test.Echo/one',
    bridge: answeredBridge(answer),
    clock,
    seed: new MessageSeed(),
    log: new GuestLog((line) => lines.push(line), logBytesPerSecond),
    message: () => message,
    beforeWait: () => undefined,
    lines,
  };
}

function answeredBridge(answer: (request: Uint8Array) => Uint8Array): BridgeCaller {
  const buffer = createBridgeBuffer();
  const ring = (): void => {
    putMessage(buffer, answer(takeMessage(buffer)));
    Atomics.store(headerCells(buffer), STATE_CELL, BridgeState.DONE);
  };
  return new BridgeCaller(buffer, ring, { timeoutMs: 1000 });
}

function refuse(): never {
  throw new Error('this test expects no host call');
}
