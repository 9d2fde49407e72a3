/** The sync modes: kill -9 takes nothing that was written, and the watermark tells how far each of them synced. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readWatermark } from '../../packages/runtime/src/store/watermark.ts';
import { plexspaces } from '../support/command-line.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import { startDaemon } from '../support/daemon.ts';
import { countOf } from '../support/echo.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const CALLS = 5;
const NEVER_IN_A_TEST_MS = 60_000;

/** Calls, then kill -9. @returns the watermark's LSN at that moment. */
async function countAndKill(data: string, args: readonly string[], reached: bigint): Promise<bigint> {
  await using daemon = await startDaemon(data, { args });
  await using client = await daemon.connect();
  await client.deploy({ name: 'echo', version: '1', component: await readFile(ECHO_FILE) });
  for (let call = 1; call <= CALLS; call += 1) {
    expect(countOf((await client.call('echo/one', 'count', new Uint8Array())).bytes)).toBe(call);
  }
  await client.actors('echo'); // it reads the store, and so waits until all of it is written
  await vi.waitFor(async () => expect(await watermarkIn(data)).toBeGreaterThanOrEqual(reached));
  const lsn = await watermarkIn(data);
  await daemon.kill();
  return lsn;
}

async function watermarkIn(data: string): Promise<bigint> {
  return (await readWatermark(join(data, 'watermark')))?.lsn ?? 0n;
}

/** One append each at the least: the start, the deploy, the calls. */
const EVERYTHING = BigInt(2 + CALLS);

describe.each<[mode: string, args: readonly string[], least: bigint, most: bigint]>([
  ['always', [], EVERYTHING, EVERYTHING * 3n],
  ['interval', ['--sync', 'interval', '--sync-interval-ms', '20'], EVERYTHING, EVERYTHING * 3n],
  ['interval that is not over', ['--sync', 'interval', '--sync-interval-ms', String(NEVER_IN_A_TEST_MS)], 0n, 0n],
  ['never', ['--sync', 'never'], 0n, 0n],
])('serve --sync: %s', (_mode, args, least, most) => {
  it('finds every written call after kill -9, and knows how far it has synced', async () => {
    const data = join(await makeScratchDirectory(), 'data');
    expect(await countAndKill(data, args, least)).toBeLessThanOrEqual(most);
    await using again = await startDaemon(data, { args });
    await using client = await again.connect();
    expect(countOf((await client.call('echo/one', 'count', new Uint8Array())).bytes)).toBe(CALLS + 1);
    await again.stop();
    expect(await watermarkIn(data)).toBeGreaterThan(EVERYTHING); // a clean stop syncs in every mode
  });
});

describe('settings that do not fit', () => {
  it.each([
    [['--sync', 'sometimes'], 2, /'sometimes' is invalid.*always, interval, never/],
    [['--sync', 'interval', '--sync-interval-ms', '0'], 2, /Expected an integer of 1-60000/],
    [['--sync-interval-ms', '50'], 1, /syncIntervalMs: expected the sync mode interval, found always/],
  ] as const)('%j are refused', async (args, code, message) => {
    const refused = await plexspaces(['serve', '--data', join(await makeScratchDirectory(), 'data'), ...args]);
    expect(refused).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
  });

  it.each([
    ['{"sync":"sometimes"}', /sync: expected one of always, interval, never, found sometimes/],
    ['{"syncIntervalMs":"50"}', /syncIntervalMs: expected a number, found string/],
    ['{"checkReplies":"maybe"}', /checkReplies: expected one of on, off, found maybe/],
  ])('%s is refused by the file and the key', async (text, message) => {
    const file = join(await makeScratchDirectory(), 'serve.json');
    await writeFile(file, text);
    const refused = await plexspaces(['serve', '--config', file]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(file) });
    expect(refused.stderr).toMatch(message);
  });
});
