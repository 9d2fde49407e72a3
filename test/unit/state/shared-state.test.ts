/** Shared state: against its model over restarts, expiries and full services; and its edges one by one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StateLimits } from '../../../packages/runtime/src/state/service-state.ts';
import { SharedState } from '../../../packages/runtime/src/state/shared-state.ts';
import type { SharedStateOptions } from '../../../packages/runtime/src/state/shared-state.ts';
import { compareUtf8 } from '../../../packages/runtime/src/state/utf8-order.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import { anySteps, LIMITS, StateRun } from '../../support/simulation/state-run.ts';
import type { Step } from '../../support/simulation/state-run.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const EVERYTHING = { from: '', to: '\u{10ffff}' };
const RUNS = 300;
/** Around the surrogates, whose order in UTF-16 is another one. */
const anyText = fc.string({
  unit: fc.constantFrom('a', 'é', '\ud7ff', '\ue000', '\u{ffff}', '\u{10000}', '\u{10ffff}'),
  maxLength: 4,
});

describe('shared state', () => {
  it('is what its model is, over restarts, expiries and full services', async () => {
    expect(await findFailure(anySteps, (steps) => takeAll(steps), RUNS)).toBeUndefined();
  });

  it.each<[string, Partial<SharedStateOptions>, RegExp]>([
    ['the same version given twice', { numbers: { next: () => 1n } }, /given before/],
    ['a clock that stands still', { clock: { nowMs: () => 0 } }, /value of/],
    ['limits that are not kept', { limits: { ...LIMITS, maxKeys: 4 } }, /not refused/],
  ])('control: %s is noticed', async (_what, changed, why) => {
    expect(await findControlFailure(anySteps, (steps) => takeAll(steps, changed), why)).toMatch(why);
  });

  it('has its keys in the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareUtf8('\u{ffff}', '\u{10000}')).toBeLessThan(0);
  });

  it('lets a value expire in its millisecond, and a clock that is set back does not bring it back', () => {
    const { state, clock } = fresh();
    state.put('s', 'k', new Uint8Array(1), { ttlMs: 10n });
    clock.advance(9);
    expect(state.get('s', 'k')).toBeDefined();
    clock.advance(1);
    expect(state.get('s', 'k')).toBeUndefined();
    clock.set(clock.nowMs() - 5);
    expect(state.get('s', 'k')).toBeUndefined();
    expect(state.list('s', '', 10)).toEqual([]);
  });

  it('sweeps what has expired, a bounded number at a time, and leaves no record of it', async () => {
    const { state, clock, store, keep } = fresh();
    for (let index = 0; index < 5; index += 1) {
      await keep(state.put('s', `k${index}`, new Uint8Array(1), { ttlMs: BigInt(1 + index) })?.operations);
    }
    clock.advance(4);
    expect(state.sweep(3)).toHaveLength(3);
    const rest = state.sweep(3);
    expect(rest).toEqual([{ type: 'del', key: 'v/s\0k3' }]);
    expect(state.sweep(3)).toEqual([]);
    await keep(rest);
    expect(await keysOf(store)).toContain('v/s\0k4');
    expect(await keysOf(store)).not.toContain('v/s\0k3');
  });

  it('gives the room of what has expired to what is new, in memory and in the store', async () => {
    const { state, clock, store, keep } = fresh({ ...LIMITS, maxKeys: 2 });
    await keep(state.put('s', 'old', new Uint8Array(1), { ttlMs: 1n })?.operations);
    await keep(state.put('s', 'older', new Uint8Array(1), { ttlMs: 1n })?.operations);
    expect(() => state.put('s', 'new', new Uint8Array(1), {})).toThrow(/at most 2 keys/);
    clock.advance(1);
    await keep(state.put('s', 'new', new Uint8Array(1), {})?.operations);
    expect(await keysOf(store)).toEqual(['v/s\0new', 'v/s\0older']);
    expect(state.sweep(10)).toEqual([{ type: 'del', key: 'v/s\0older' }]);
  });

  it('counts the room of what is replaced once', () => {
    const { state, clock } = fresh(LIMITS);
    state.put('s', 'o', new Uint8Array(12), {});
    state.put('s', 'p', new Uint8Array(12), {});
    state.put('s', 'k', new Uint8Array(8), { ttlMs: 1n });
    clock.advance(1);
    expect(() => state.put('s', 'k', new Uint8Array(10), {})).toThrow(
      /at most 3 keys and 36 bytes.* 3 keys and 37 bytes/,
    );
    expect(state.put('s', 'k', new Uint8Array(9), {})).toBeDefined();
  });

  it('forgets a service, and that one only', () => {
    const { state } = fresh();
    state.put('s', 'k', new Uint8Array(1), {});
    state.put('t', 'k', new Uint8Array(1), {});
    state.forget('s');
    expect(state.get('s', 'k')).toBeUndefined();
    expect(state.get('t', 'k')).toBeDefined();
  });

  it('refuses a damaged record by its name', async () => {
    const { state, store, keep } = fresh();
    const [put] = state.put('s', 'k', new Uint8Array(1), {})?.operations ?? [];
    if (put?.type !== 'put') throw new Error('expected a put');
    await keep([{ ...put, value: put.value.with(5, 99) }]);
    const loaded = SharedState.load(store, { clock: new VirtualClock(), numbers: { next: () => 1n } });
    await expect(loaded).rejects.toMatchObject({ code: 'DATA_LOSS', message: expect.stringContaining('v/s') });
  });

  it.each<[string, (state: SharedState) => unknown, RegExp]>([
    ['an empty key', (state) => state.get('s', ''), /^key: expected 1-256 characters/],
    ['a long key', (state) => state.get('s', 'é'.repeat(257)), /^key: expected 1-256 characters/],
    ['half a character', (state) => state.get('s', '\ud800'), /^key: expected 1-256 characters of Unicode/],
    ['no time to live', (state) => state.put('s', 'k', new Uint8Array(), { ttlMs: 0n }), /^ttl-ms: expected 1-/],
    ['a limit of none', (state) => state.list('s', '', 0), /^limit: expected 1-10000, found 0/],
    ['a limit past all', (state) => state.list('s', '', 10_001), /^limit: expected 1-10000, found 10001/],
  ])('refuses %s', (_what, call, message) => {
    expect(() => call(fresh().state)).toThrow(message);
  });

  it('takes keys of 256 characters, however many bytes those are', () => {
    const { state } = fresh();
    const long = '\u{10000}'.repeat(256);
    state.put('s', long, new Uint8Array(1), {});
    expect(state.list('s', '\u{10000}', 1)).toEqual([long]);
  });
});

async function takeAll(steps: readonly Step[], changed: Partial<SharedStateOptions> = {}): Promise<void> {
  const run = new StateRun(changed);
  for (const step of steps) await run.take(step);
}

interface Fresh {
  readonly state: SharedState;
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  readonly keep: (operations: readonly StoreOperation[] | undefined) => Promise<void>;
}

function fresh(limits?: StateLimits): Fresh {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  let number = 0n;
  const state = new SharedState({ clock, limits, numbers: { next: () => (number += 1n) } });
  return { state, clock, store, keep: (operations = []) => store.batch(operations) };
}

async function keysOf(store: MemoryStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const [found] of store.range(EVERYTHING)) keys.push(found);
  return keys;
}
