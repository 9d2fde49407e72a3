/** How faulty-daemon.ts is started in place of `plexspaces serve`. */
import { fileURLToPath } from 'node:url';
import type { DaemonOptions } from './daemon.ts';
import type { Fault } from './faulty-store.ts';

const NODE_OPTIONS = ['--conditions=@plexspaces/source', '--disable-warning=ExperimentalWarning'];
const FILE = fileURLToPath(new URL('./faulty-daemon.ts', import.meta.url));
const PROGRAM = [process.execPath, ...NODE_OPTIONS, FILE] as const;

/** Nothing of durable actors is written. */
export const FORGETFUL: DaemonOptions = { program: PROGRAM, args: ['--forget'] };

/** A timer's end is no part of the append of its message. */
export const LATE_ENDS: DaemonOptions = { program: PROGRAM, args: ['--late-ends'] };

/** Ends at the fault's point. */
export function faulty(fault: Fault): DaemonOptions {
  return { program: PROGRAM, args: ['--fault', JSON.stringify(fault)] };
}
