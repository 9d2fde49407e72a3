/** The node's log as a developer sees it. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { logLines } from '../../../packages/cli/src/dev/log-lines.ts';

const TIME = Date.now();
const CLOCK = new Date(TIME).toTimeString().slice(0, 8);

describe('the log of a developer', () => {
  it('has all that guests say, on one line each', async () => {
    expect(
      await shown(
        { level: 30, actor: 'demo.A/b', source: 'stdout', msg: 'hello\nworld' },
        { level: 20, actor: 'demo.A/b', source: 'log', msg: '\u001b[31mred' },
      ),
    ).toEqual([`${CLOCK}  info   demo.A/b  hello world`, `${CLOCK}  debug  demo.A/b  \\u001b[31mred`]);
  });

  it('has of the node only what is amiss, with its reason', async () => {
    expect(
      await shown(
        { level: 30, name: 'demo', msg: 'application state' },
        { level: 40, actor: 'demo.A/b', reason: 'too large', msg: 'checkpoint refused' },
        { level: 50, msg: 'a write failed' },
      ),
    ).toEqual([`${CLOCK}  warn   demo.A/b  checkpoint refused  too large`, `${CLOCK}  error  a write failed`]);
  });
});

/** Two records may come in one piece. */
async function shown(...records: readonly object[]): Promise<string[]> {
  const lines: string[] = [];
  const stream = logLines((line) => lines.push(line));
  stream.end(records.map((record) => `${JSON.stringify({ time: TIME, ...record })}\n`).join(''));
  await once(stream, 'finish');
  return lines;
}
