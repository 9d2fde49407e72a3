/** Workspace packages resolve to their sources, in the test and in a real worker thread, with no build. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { WorkerOptions } from 'node:worker_threads';
import { matches } from '@plexspaces/core';
import { describe, expect, it } from 'vitest';

const SOURCE = /packages\/core\/src\/index\.ts$/;
const BUILT = /core\/dist\/index\.js$/;

async function askThread(options: WorkerOptions): Promise<unknown> {
  const worker = new Worker(new URL('./resolution-thread.ts', import.meta.url), options);
  const [message]: unknown[] = await once(worker, 'message');
  await worker.terminate();
  return message;
}

describe('resolution of workspace packages', () => {
  it('gives a test the source', () => {
    expect(matches([], [])).toBe(true);
    expect(import.meta.resolve('@plexspaces/core')).toMatch(SOURCE);
  });

  it('gives a worker thread the source', async () => {
    const answer = await askThread({ workerData: 'load' });
    expect(answer).toEqual({ url: expect.stringMatching(SOURCE), loaded: expect.arrayContaining(['matches']) });
  });

  it('gives a worker thread what is packed when the condition is not passed on', async () => {
    const answer = await askThread({ execArgv: [] });
    expect(answer).toEqual({ url: expect.stringMatching(BUILT), loaded: null });
  });
});
