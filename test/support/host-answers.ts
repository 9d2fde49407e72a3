/** Host calls that are made without a thread. */
import type { Messenger } from '../../packages/runtime/src/host/messaging.ts';
import type { HostAnswer, UnderWay } from '../../packages/runtime/src/host/waiting.ts';

export function underWay(signal: AbortSignal = new AbortController().signal, remainingMs = 10_000): UnderWay {
  return { signal, remainingMs };
}

/** Where there are no actors to send anything to. */
export const noMessenger: Messenger = {
  expectReachable: () => undefined,
  deliver: () => {
    throw new Error('this test expects no message');
  },
  ask: () => Promise.reject(new Error('this test expects no question')),
};

/** The answer of a call that does not wait. */
export function atOnce(answer: HostAnswer): Uint8Array {
  if (answer instanceof Uint8Array) return answer;
  throw new Error(`the call waits for a ${answer.waitsFor}`);
}
