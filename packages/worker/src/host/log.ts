/** Log: thread half. The line leaves by a message, since nothing comes back that a guest could wait for. */
import { LOG_LEVELS } from '../protocol.ts';
import type { HostContext } from './context.ts';

export interface LogImports {
  log(level: string, message: string): void;
}

export function logImports(context: HostContext): LogImports {
  return {
    log: (level, message) => {
      // The WIT gives `log` no error to answer with: an unknown level is told, not lost.
      const known = LOG_LEVELS.find((name) => name === level.toLowerCase());
      context.log.line('log', known ?? 'info', known === undefined ? `[${level}] ${message}` : message);
    },
  };
}
