/** Durability: thread half. What a guest may know of its journal. */
import { askHost } from './context.ts';
import type { HostContext } from './context.ts';
import { witResult } from './results.ts';
import type { WitResult } from './results.ts';

export interface DurabilityImports {
  checkpoint(): WitResult<undefined>;
  getJournalSequence(): bigint;
  isReplayMode(): boolean;
}

export function durabilityImports(context: HostContext): DurabilityImports {
  return {
    checkpoint: () =>
      witResult(() => {
        askHost(context, { function: 'checkpoint' });
        return undefined;
      }),
    getJournalSequence: () => context.message().sequence,
    // In handlers the guest must not be able to tell a replay from the first run.
    isReplayMode: () => context.message().restoring,
  };
}
