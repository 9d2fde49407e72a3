/** Plain core modules in OKRA's ABI as the library's actors: the same pool, the same limits. */
import { WASMActor, WASMSingletonActor, WASMWorker } from '@plexspaces/runtime';
import type { ActorOptions } from '@plexspaces/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { GREETER_WASM, versatileModule } from '../../fixtures/components/okra.ts';
import { countOf } from '../../support/echo.ts';
import { codeOf, tally } from '../../support/outcomes.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';

const NOTHING = new Uint8Array();
const ONE = { min: 1, max: 1 };

let cacheDirectory: string;
let versatile: Uint8Array;

beforeAll(async () => {
  cacheDirectory = await makeScratchDirectory();
  versatile = await versatileModule();
});

describe('a core module', () => {
  it('is a worker of its own', async () => {
    await using worker = await WASMWorker.start(GREETER_WASM, { cacheDirectory });
    await expect(worker.invoke('greet', { name: 'Ada' })).resolves.toEqual({ message: 'Hello, Ada!' });
    await expect(worker.invoke('greet', {})).rejects.toMatchObject({
      code: 'EXECUTION_ERROR',
      message: 'greet: expected {"name": text}',
    });
    await expect(worker.invoke('wave', {})).rejects.toMatchObject({ code: 'EXECUTION_ERROR' });
    expect(worker.isUsable).toBe(true);
  });

  it('serves many calls on several workers, each with its own instance', async () => {
    await using actor = await start({ workers: { min: 2, max: 2 } });
    const payloads = Array.from({ length: 200 }, (_none, index) => Buffer.from(`call ${index}`));
    const replies = await Promise.all(payloads.map((payload) => actor.invoke('echo', payload)));
    expect(replies.map((reply) => Buffer.from(reply).toString())).toEqual(payloads.map(String));
    expect(actor.stats()).toMatchObject({ total: 2, completed: 200, failed: 0 });
  });

  it('begins anew behind a trap and behind a deadline', async () => {
    await using actor = await start({ workers: ONE, limits: { callMs: 1_000 } });
    const counted = async (): Promise<number> => countOf(await actor.invoke('count', NOTHING));
    expect([await counted(), await counted()]).toEqual([1, 2]);
    await expect(actor.invoke('trap')).rejects.toMatchObject({ code: 'INTERNAL', reason: 'TRAP' });
    expect(await counted()).toBe(1);
    await expect(actor.invoke('loop')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await counted()).toBe(1);
    expect(actor.stats()).toMatchObject({ total: 1, replaced: 2 });
  });

  it('is one instance as a singleton', async () => {
    await using actor = await WASMSingletonActor.start(versatile, { cacheDirectory });
    const counts = await Promise.all(Array.from({ length: 50 }, () => actor.invoke('count', NOTHING)));
    expect(counts.map(countOf)).toEqual(Array.from({ length: 50 }, (_none, index) => index + 1));
  });

  it('has the limits of any actor', async () => {
    await using actor = await start({ workers: ONE, limits: { payloadBytes: 10, replyBytes: 5 } });
    const sizes = [5, 6, 10, 11];
    const ends = await Promise.allSettled(sizes.map((size) => actor.invoke('echo', new Uint8Array(size))));
    expect(tally(ends.map((end) => (end.status === 'rejected' ? codeOf(end.reason) : 'ok')))).toEqual({
      ok: 1,
      'RESOURCE_EXHAUSTED REPLY_TOO_LARGE': 2,
      'RESOURCE_EXHAUSTED PAYLOAD_TOO_LARGE': 1,
    });
  });

  it('takes no messages and no initial state, and says so', async () => {
    await using actor = await start({});
    expect(() => actor.tell('m', {})).toThrow(expect.objectContaining({ code: 'UNIMPLEMENTED' }));
    await expect(start({ every: [{ intervalMs: 1_000, messageType: 'tick' }] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'every of a core module: expected none, since it takes calls and no messages, found 1',
    });
    await expect(start({ initialState: { a: 1 } })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('a core module takes no initial state'),
    });
  });
});

function start(options: ActorOptions): Promise<WASMActor> {
  return WASMActor.start(versatile, { cacheDirectory, ...options });
}
