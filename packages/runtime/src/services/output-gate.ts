/**
 * The output gate (D2): nothing leaves the process before everything that it may have seen is synced.
 *
 * A reply waits for the newest LSN of the moment in which it is ready. That is at times more than it
 * depends on, never less; with nothing under way it does not wait at all.
 */
import type { LogWriter } from '../store/log-writer.ts';

export type OutputGate = <T>(work: () => Promise<T> | T) => Promise<T>;

export function createOutputGate(writer: LogWriter): OutputGate {
  return async (work) => {
    try {
      return await work();
    } finally {
      // Errors tell of the state as well, so they wait too. Where it will never be synced that is the answer.
      await writer.synced(writer.lsn);
    }
  };
}
