/** What a program injects, in the program's own hands. */
import { PlexSpacesError, SharedState, TupleSpace } from '@plexspaces/runtime';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';

const ANY = { '?': 'any' } as const;

describe('a tuple space', () => {
  it('is written, read, counted, swapped and taken from, the oldest first', async () => {
    const space = new TupleSpace();
    space.write(['n', 1]);
    space.write('["n", 2.0]');
    expect(space.readAll(['n', ANY])).toEqual([
      ['n', 1],
      ['n', { float: 2 }],
    ]);
    expect(space.compareAndSwap(['n', ANY], ['n', 2], ['n', 3])).toBe(false);
    expect(space.compareAndSwap(['n', ANY], ['n', 1], ['n', 3])).toBe(true);
    await expect(space.read(['n', ANY])).resolves.toEqual(['n', { float: 2 }]);
    await expect(space.take(['n', { '?': 'int' }])).resolves.toEqual(['n', 3]);
    await expect(space.take(['n', { '?': 'int' }])).resolves.toBeUndefined();
    expect(space.count(['n', ANY])).toBe(1);
  });

  it('serves who waits, and lets go who gives up', async () => {
    const space = new TupleSpace();
    const giveUp = new AbortController();
    const gone = space.take(['n', ANY], { waitMs: 10_000, signal: giveUp.signal });
    const served = space.take(['n', ANY], { waitMs: 10_000 });
    giveUp.abort();
    await expect(gone).rejects.toMatchObject({ code: 'CANCELLED' });
    space.write(['n', 1]);
    await expect(served).resolves.toEqual(['n', 1]);
    await expect(space.take(['n', ANY], { waitMs: 10 })).resolves.toBeUndefined();
  });

  it('lets many wait at once', async () => {
    const space = new TupleSpace();
    const waits = Array.from({ length: 50 }, () => space.take(['n', ANY], { waitMs: 10_000 }));
    for (let n = 0; n < 50; n += 1) space.write(['n', n]);
    expect((await Promise.all(waits)).map((tuple) => tuple?.[1])).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it('forgets what has expired, unless it was renewed', async () => {
    const space = new TupleSpace();
    const [kept] = [space.write(['n', 'kept'], { ttlMs: 5 }), space.write(['n', 'gone'], { ttlMs: 5 })];
    expect(space.renew(kept, 600_000)).toBe(true);
    await until(
      () => space.count(['n', ANY]),
      (count) => count === 1,
    );
    expect(space.readAll(['n', ANY])).toEqual([['n', 'kept']]);
  });

  it('has limits, and refuses what is none', async () => {
    const space = new TupleSpace({ maxTuples: 1, maxWaitMs: 100 });
    space.write(['n']);
    expect(() => space.write(['n'])).toThrow(PlexSpacesError);
    await expect(space.take(['m'], { waitMs: 101 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(() => new TupleSpace({ maxTuples: 0 })).toThrow(/maxTuples/);
  });
});

describe('shared state', () => {
  it('gives each value a version, on which a change can depend', () => {
    const state = new SharedState();
    const first = state.put('k', Uint8Array.of(1), { ifVersion: 0n });
    expect(first).toBeTypeOf('bigint');
    expect(state.put('k', Uint8Array.of(2), { ifVersion: 0n })).toBeUndefined();
    const second = state.put('k', Uint8Array.of(2), { ifVersion: first });
    expect(state.get('k')).toEqual({ value: Uint8Array.of(2), version: second });
    expect(state.delete('k', first)).toBe(false);
    expect(state.list()).toEqual(['k']);
    expect(state.delete('k', second)).toBe(true);
    expect(state.get('k')).toBeUndefined();
  });

  it('is changed by put and delete alone', () => {
    const state = new SharedState();
    const value = Uint8Array.of(1);
    state.put('k', value);
    value[0] = 2;
    state.get('k')?.value.fill(3);
    expect(state.get('k')?.value).toEqual(Uint8Array.of(1));
  });

  it('has limits, and lets values expire', async () => {
    const state = new SharedState({ limits: { maxKeys: 1, maxBytes: 10, maxValueBytes: 5 } });
    expect(() => state.put('k', new Uint8Array(6))).toThrow(/at most 5 bytes, found 6/);
    expect(() => state.put('k', new Uint8Array(1), { ttlMs: 0.5 })).toThrow(/ttlMs: expected an integer/);
    state.put('k', new Uint8Array(1), { ttlMs: 5 });
    expect(() => state.put('other', new Uint8Array(1))).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }),
    );
    await until(
      () => state.get('k'),
      (found) => found === undefined,
    );
  });
});
