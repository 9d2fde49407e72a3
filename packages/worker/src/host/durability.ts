/** Durability: thread half. What a guest may know of its journal. */
import type { HostContext } from './context.ts';

export interface DurabilityImports {
  getJournalSequence(): bigint;
  isReplayMode(): boolean;
}

export function durabilityImports(context: HostContext): DurabilityImports {
  return {
    getJournalSequence: () => context.message().sequence,
    // In handlers the guest must not be able to tell a replay from the first run; only an `init` that
    // restores a snapshot is told, and nothing restores one yet.
    isReplayMode: () => false,
  };
}
