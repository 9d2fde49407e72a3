/**
 * The file that piscina runs in a thread: a task is a whole session, not one call.
 *
 * What a thread loads is compiled once and kept in Node's compile cache: a thread is up in a third of the
 * time (from 110 to 40 ms where it runs from TypeScript). The cache is named in the thread's environment, so that it
 * is on before this very file is read: what strips types takes 8 MiB of each thread where it is loaded at all.
 */
import type { SessionTask } from './protocol.ts';
import { Session } from './session.ts';

export function session(task: SessionTask): Promise<void> {
  return new Session(task).run();
}
