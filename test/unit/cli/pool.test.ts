/** `plexspaces pool NAME --watch`: the figures again and again, until it is interrupted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from '../client/fake-node.ts';
import type { Answers } from '../client/fake-node.ts';
import { BIN, runHere } from './run-command.ts';

const GAUGES = { min: 1, max: 4, total: 2, active: 1, idle: 1, queued: 0, blockedOnTuplespace: 0 };

describe('pool', () => {
  it.each([
    [['--json'], JSON.stringify({ ...GAUGES, completed: 1, failed: 0, replaced: 0 })],
    [[], 'min=1 max=4 total=2 active=1 idle=1 queued=0 blockedOnTuplespace=0 completed=1 failed=0 replaced=0'],
  ])('--watch %s prints a line at each look, and ends cleanly at SIGINT', async (flags, first) => {
    await using node = await startFakeNode(countingPool());
    const child = spawn(process.execPath, [BIN, 'pool', 'calculator', '--watch', ...flags, '--node', node.address]);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === 2) child.kill('SIGINT');
    }
    expect(lines).toEqual([first, first.replace(/(completed\W+)1/, '$12')]);
    expect(child.exitCode === null ? await once(child, 'exit') : [child.exitCode, null]).toEqual([0, null]);
  });

  it('--watch fails where there is no such pool', async () => {
    await using node = await startFakeNode({});
    expect(await runHere(['pool', 'calculator', '--watch', '--node', node.address])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('UNIMPLEMENTED'),
    });
  });
});

/** One call more at each look. */
function countingPool(): Answers {
  let looks = 0n;
  return { pools: { getPool: async () => ({ ...GAUGES, completed: ++looks, failed: 0n, replaced: 0n }) } };
}
