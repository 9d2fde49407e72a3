/** What goes wrong in a guest in Rust reaches the caller with its words and its place, and costs that call alone. */
import { WASMActor } from '@plexspaces/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../../fixtures/components/wat.ts';
import { RUST_GUEST } from '../../fixtures/rust/guest.ts';
import { countOf } from '../../support/echo.ts';

const NOTHING = new Uint8Array();
const SOURCE = 'test/fixtures/rust/src/faults.rs';

let actor: WASMActor;

beforeAll(async () => {
  actor = await WASMActor.start(RUST_GUEST, {
    workers: { min: 1, max: 1 },
    limits: { memoryBytes: 32 * 1_048_576 },
    initialState: Uint8Array.of(7, 0, 0, 0),
  });
});

afterAll(() => actor.shutdown());

describe('a guest in Rust', () => {
  it.each([
    ['a panic three functions deep', 'panic', 'boom', `panicked at ${SOURCE}:N: expected no text, found boom`],
    [
      'an index out of bounds',
      'index',
      'x',
      `panicked at ${SOURCE}:N: index out of bounds: the len is 3 but the index is 3`,
    ],
  ])('%s is told with message and place; the state is as before', async (_what, method, payload, words) => {
    expect(countOf(await actor.invoke('count', NOTHING))).toBe(8);
    const thrown: unknown = await actor.invoke(method, payload).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'INTERNAL', reason: 'TRAP' });
    expect(String(thrown).replace(/:\d+:\d+: /, ':N: ')).toContain(`; log: ${words}`);
    expect(countOf(await actor.invoke('count', NOTHING))).toBe(8);
    await actor.invoke('trap').catch(() => undefined); // from the initial state again
  });

  it('a memory that is used up is a limit that was passed', async () => {
    await expect(actor.invoke('greed')).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'MEMORY_LIMIT',
      message: expect.stringContaining('; log: memory allocation of 1048576 bytes failed'),
    });
  });

  it('a recursion without end traps', async () => {
    await expect(actor.invoke('overflow')).rejects.toMatchObject({ code: 'INTERNAL', reason: 'TRAP' });
  });

  it('an error that it logged and dealt with is no part of its no, nor of a later trap', async () => {
    await expect(actor.invoke('log-then-no')).rejects.toMatchObject({ code: 'EXECUTION_ERROR', message: 'no' });
    await expect(actor.invoke('trap')).rejects.toMatchObject({
      message: expect.stringMatching(/^(?!.*dealt with).*; log: panicked at .*as it was told$/),
    });
  });

  it('draws other numbers each time', async () => {
    const drawn = [await actor.invoke('random'), await actor.invoke('random')].flat();
    expect(new Set(drawn).size).toBe(4);
  });

  it('finds the environment that it was given, and no other', async () => {
    await using placed = await WASMActor.start(RUST_GUEST, { workers: { min: 1, max: 1 }, env: { REGION: 'north' } });
    await expect(placed.invoke('environment')).resolves.toEqual(['north', null]);
  });

  it('says no more than its trap where it logged nothing', async () => {
    await using silent = await WASMActor.start(readEcho(), { workers: { min: 1, max: 1 } });
    await expect(silent.invoke('trap')).rejects.toMatchObject({ message: expect.not.stringContaining('log:') });
  });
});
