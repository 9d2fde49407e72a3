/** The file that piscina runs in a thread: a task is a whole session, not one call. */
import type { SessionTask } from './protocol.ts';
import { Session } from './session.ts';

export function session(task: SessionTask): Promise<void> {
  return new Session(task).run();
}
