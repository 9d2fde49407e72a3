/** What the system says of a process. */
import { readFileSync } from 'node:fs';

/** The clock of these figures; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of all its threads so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // a name may hold blanks
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}
