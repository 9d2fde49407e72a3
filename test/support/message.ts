/** The context of a message, the same wherever it does not matter which one it is. */
import type { MessageContext } from '@plexspaces/worker';

export const MESSAGE: MessageContext = {
  sequence: 1n,
  startMicros: 1_763_735_000_000_000n,
  seed: new Uint8Array(32).fill(9),
  replayed: false,
  restoring: false,
  hostCalls: 'all',
};
