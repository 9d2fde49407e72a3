/** A logger whose lines a test can read. */
import { pino } from 'pino';
import type { Logger } from 'pino';

export interface LoggedLine {
  readonly level: number;
  readonly msg: string;
  readonly [key: string]: unknown;
}

export interface RecordingLogger {
  readonly logger: Logger;
  readonly lines: readonly LoggedLine[];
}

/** Writes synchronously: a line is there when the call that logged it returns. */
export function recordingLogger(): RecordingLogger {
  const lines: LoggedLine[] = [];
  const write = (text: string): void => {
    lines.push(JSON.parse(text) as LoggedLine);
  };
  return { lines, logger: pino({ level: 'trace', base: null, timestamp: false }, { write }) };
}
