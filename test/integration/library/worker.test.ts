/** A WASMWorker in a program's own hands. */
import { WASMWorker } from '@plexspaces/runtime';
import type { WorkerOptions } from '@plexspaces/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../../fixtures/components/wat.ts';
import { countOf, milliseconds } from '../../support/echo.ts';
import { codeOf } from '../../support/outcomes.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';

const NOTHING = new Uint8Array();

let cacheDirectory: string;

beforeAll(async () => {
  cacheDirectory = await makeScratchDirectory();
});

describe('a worker', () => {
  it('is one instance, which runs its calls in their order', async () => {
    await using worker = await start();
    const counts = await Promise.all(Array.from({ length: 20 }, () => worker.invoke('count', NOTHING)));
    expect(counts.map(countOf)).toEqual(Array.from({ length: 20 }, (_none, index) => index + 1));
    expect(worker.isUsable).toBe(true);
  });

  it.each([
    ['a trap', 'trap', {}, 'INTERNAL TRAP'],
    ['a deadline that passes while it runs', 'loop', { deadline: 500 }, 'DEADLINE_EXCEEDED'],
  ] as const)('ends with %s, and nothing takes its place', async (_what, method, options, expected) => {
    await using worker = await start();
    const calls = [worker.invoke(method, {}, options), worker.invoke('echo'), worker.invoke('echo')];
    const ends = await Promise.allSettled(calls);
    const codes = ends.map((end) => end.status === 'rejected' && codeOf(end.reason));
    expect(codes).toEqual([expected, 'UNAVAILABLE', 'UNAVAILABLE']);
    expect(worker.isUsable).toBe(false);
    await expect(worker.invoke('echo')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'the worker has ended' });
  });

  it("goes on behind the guest's no", async () => {
    await using worker = await start();
    await expect(worker.invoke('fail')).rejects.toMatchObject({ code: 'EXECUTION_ERROR' });
    await expect(worker.invoke('echo', { a: 1 })).resolves.toEqual({ a: 1 });
  });

  it('is terminated at once, also while it is being shut down', async () => {
    const worker = await start({ limits: { callMs: 600_000 } });
    const ends = Promise.allSettled([worker.invoke('loop'), worker.invoke('echo')]);
    const down = worker.shutdown({ deadline: 600_000 });
    await worker.terminate();
    await down;
    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
    expect(worker.isUsable).toBe(false);
  });

  it('lets its calls finish when it is shut down', async () => {
    const worker = await start();
    const calls = Promise.all([worker.invoke('sleep', milliseconds(30)), worker.invoke('count', NOTHING)]);
    await worker.shutdown();
    await expect(calls).resolves.toEqual([NOTHING, Uint8Array.of(1, 0, 0, 0)]);
  });
});

function start(options: WorkerOptions = {}): Promise<WASMWorker> {
  return WASMWorker.start(readEcho(), { cacheDirectory, ...options });
}
