/** Removes in the background what has expired, a bounded number at a time. */
import type { PlexSpacesError } from '@plexspaces/core';
import type { Logger } from 'pino';
import type { LogWriter } from './log-writer.ts';
import type { StoreOperation } from './store.ts';

export interface Sweep {
  readonly what: string;
  readonly intervalMs: number;
  readonly find: () => Promise<SweptRecords> | SweptRecords;
}

interface SweptRecords {
  readonly operations: readonly StoreOperation[];
  readonly damaged?: readonly PlexSpacesError[];
}

/** Runs until it is cleared; keeps no process alive. */
export function startSweep(sweep: Sweep, writer: Pick<LogWriter, 'append'>, logger: Logger): NodeJS.Timeout {
  const run = async (): Promise<void> => {
    try {
      const { operations, damaged = [] } = await sweep.find();
      for (const { message } of damaged) logger.error({ error: message }, `damaged record among ${sweep.what}`);
      writer.append(operations);
    } catch (err) {
      logger.error({ err }, `expired ${sweep.what} could not be removed`);
    }
  };
  return setInterval(() => void run(), sweep.intervalMs).unref();
}
