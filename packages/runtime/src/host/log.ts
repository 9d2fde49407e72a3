/** Log: main half. A guest's line goes to the node's log with the actor's id; nothing of it is trusted as format. */
import type { LogLine } from '@plexspaces/worker';
import type { Logger } from 'pino';
import type { HostScope } from './scope.ts';

export function writeGuestLine(logger: Logger, scope: HostScope, line: LogLine): void {
  if (line.source === 'log' && !scope.capabilities.has('log')) return;
  const dropped = line.droppedBytes > 0 ? { droppedBytes: line.droppedBytes } : {};
  logger[line.level]({ actor: scope.actor, source: line.source, ...dropped }, line.text);
}
