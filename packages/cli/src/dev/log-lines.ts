/** The node's log for a developer's terminal: all that actors say, and of the node only what is amiss. */
import { Writable } from 'node:stream';
import { oneLine } from '../output.ts';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const WARN = 40;

/** Takes pino's lines. */
export function logLines(write: (line: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done): void {
      for (const line of chunk.toString('utf8').split('\n')) {
        const shown = line === '' ? undefined : describe(line);
        if (shown !== undefined) write(shown);
      }
      done();
    },
  });
}

/** Undefined for what a developer need not see. */
function describe(line: string): string | undefined {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(parsed));
  const level = Number(fields.get('level'));
  const actor = textOf(fields.get('actor'));
  const isGuest = fields.has('source');
  if (!isGuest && level < WARN) return undefined;
  const details = ['error', 'reason'].map((key) => textOf(fields.get(key))).filter((text) => text !== '');
  const time = new Date(Number(fields.get('time'))).toTimeString().slice(0, 8);
  const parts = [time, (LEVELS[level] ?? '').padEnd(5), actor, textOf(fields.get('msg')), ...details];
  return oneLine(parts.filter((part) => part !== '').join('  '));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
