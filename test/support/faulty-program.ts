/** How faulty-daemon.ts is started in place of `plexspaces serve`. */
import { fileURLToPath } from 'node:url';
import type { DaemonOptions } from './daemon.ts';
import type { Fault } from './faulty-store.ts';
import type { Oddity } from './odd-waiters.ts';

const NODE_OPTIONS = ['--conditions=@plexspaces/source', '--disable-warning=ExperimentalWarning'];
const FILE = fileURLToPath(new URL('./faulty-daemon.ts', import.meta.url));
const PROGRAM = [process.execPath, ...NODE_OPTIONS, FILE] as const;

/** Nothing is written under keys that begin so. */
export function forgetting(...prefixes: readonly string[]): DaemonOptions {
  return { program: PROGRAM, args: prefixes.flatMap((prefix) => ['--forget', prefix]) };
}

/** Ends behind the first batch that puts something under a key that begins so; forgets besides as told. */
export function dyingBehind(prefix: string, forgotten: readonly string[]): DaemonOptions {
  const { args = [], ...program } = forgetting(...forgotten);
  return { ...program, args: [...args, '--die-behind', prefix] };
}

/** Nothing of durable actors is written: journals, snapshots, idempotency records, attempts. */
export const FORGETFUL: DaemonOptions = forgetting('j/', 's/', 'i/', 'u/');

/** A timer's end is no part of the append of its message. */
export const LATE_ENDS: DaemonOptions = { program: PROGRAM, args: ['--late-ends'] };
/** A take is a read and, a moment later, a delete. */
export const RACY: DaemonOptions = { program: PROGRAM, args: ['--racy'] };

/** No call is ended for taking too long. */
export const UNWATCHED: DaemonOptions = { program: PROGRAM, args: ['--unwatched'] };
/** No instance is renewed before its calls have used up its memory. */
export const UNRENEWED: DaemonOptions = { program: PROGRAM, args: ['--unrenewed'] };

/** Those who wait for tuples are wronged, see odd-waiters.ts. */
export function wronging(oddity: Oddity): DaemonOptions {
  return { program: PROGRAM, args: ['--waiters', oddity] };
}

/** Ends at the fault's point. */
export function faulty(fault: Fault): DaemonOptions {
  return { program: PROGRAM, args: ['--fault', JSON.stringify(fault)] };
}
