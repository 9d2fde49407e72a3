/** Blocking reads and takes of guests: parked on the main thread, and gone without a trace where nothing came. */
import type { Pattern, Tuple } from '@plexspaces/core';
import { decodeHostReply, encodeHostCall } from '@plexspaces/worker';
import type { HostReply } from '@plexspaces/worker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HostCalls } from '../../../packages/runtime/src/host/host-calls.ts';
import type { AnsweredCall } from '../../../packages/runtime/src/host/host-calls.ts';
import type { HostAnswer, UnderWay } from '../../../packages/runtime/src/host/waiting.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';
import { atOnce, underWay } from '../../support/host-answers.ts';
import { hostCallPorts } from '../../support/host-call-ports.ts';

const ANY: Pattern = [{ match: 'any' }];
const A: Tuple = [{ type: 'string', value: 'a' }];
const RECORD: StoreOperation = { type: 'put', key: 'j/record', value: Uint8Array.of(1) };
const NONE = { ok: true, value: { type: 'none' } };
const FOUND = { ok: true, value: { type: 'tuple', tuple: A } };

let spaces: Spaces;
let appended: StoreOperation[];
let isStarved: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  spaces = new Spaces();
  appended = [];
  isStarved = false;
});

afterEach(() => vi.useRealTimers());

describe('a blocking call', () => {
  it.each(['read', 'take'] as const)(
    '%s: gives what is there at once, and nothing at once where it has no time',
    (kind) => {
      expect(decodeHostReply(atOnce(call(kind, 0)))).toMatchObject(NONE);
      spaces.write('default', A, '');
      expect(decodeHostReply(atOnce(call(kind, 1000)))).toMatchObject(FOUND);
      expect(appended.map(({ type }) => type)).toEqual(kind === 'take' ? ['put', 'put', 'del'] : ['put', 'put']);
      expect(spaces.count('default', ANY)).toBe(kind === 'take' ? 0 : 1);
    },
  );

  it('gives what is written meanwhile: its record is one append with the write', async () => {
    const reply = later(call('take', 1000));
    expect(spaces.write('default', A, '').operations).toEqual([RECORD]);
    expect(await reply).toMatchObject(FOUND);
    expect({ appended, timers: vi.getTimerCount() }).toEqual({ appended: [], timers: 0 });
  });

  it('says none at its time, which is recorded, and takes nothing afterwards', async () => {
    const reply = later(call('take', 1000));
    await vi.advanceTimersByTimeAsync(999);
    expect(appended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await reply).toMatchObject(NONE);
    expect(appended).toEqual([RECORD]);
    spaces.write('default', A, '');
    expect(spaces.count('default', ANY)).toBe(1);
  });

  it.each([
    [60_000, 10_000, 9_950],
    [9_000, 10_000, 9_000],
    [60_000, 60, 10],
    [Number(2n ** 63n), Infinity, 2_147_483_647],
  ])('of %i ms with %i ms to the deadline ends after %i ms', async (timeoutMs, remainingMs, expectedMs) => {
    const reply = later(call('take', timeoutMs, underWay(undefined, remainingMs)));
    await vi.advanceTimersByTimeAsync(expectedMs - 1);
    const early = appended.length;
    await vi.advanceTimersByTimeAsync(1);
    expect(await reply).toMatchObject(NONE);
    expect(early).toBe(0);
  });

  it.each(['its thread', 'its time'])('that %s ended makes room for another', async (what) => {
    spaces = new Spaces({ maxWaiters: 1 });
    const thread = new AbortController();
    const first = later(call('take', 1000, underWay(thread.signal))).catch(() => undefined);
    if (what === 'its thread') thread.abort(new Error('the thread ended'));
    else await vi.advanceTimersByTimeAsync(1000);
    await first;
    const second = later(call('take', 1000));
    spaces.write('default', A, '');
    expect(await second).toMatchObject(FOUND);
  });

  it('of a thread that ended takes nothing with it', async () => {
    const thread = new AbortController();
    const reply = later(call('take', 1000, underWay(thread.signal)));
    thread.abort(new Error('the thread ended'));
    await expect(reply).rejects.toThrow('the thread ended');
    expect(spaces.write('default', A, '').operations).toHaveLength(1);
    expect({ count: spaces.count('default', ANY), timers: vi.getTimerCount() }).toEqual({ count: 1, timers: 0 });
    expect(appended).toEqual([]);
  });

  it('says at its time that the pool is starved, where it is', async () => {
    const reply = later(call('take', 1000));
    isStarved = true;
    await vi.advanceTimersByTimeAsync(1000);
    expect(await reply).toMatchObject({
      ok: false,
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining('POOL_STARVED'),
    });
  });

  it('is refused where too many wait', async () => {
    spaces = new Spaces({ maxWaiters: 1 });
    const first = later(call('take', 1000));
    expect(await later(call('take', 1000))).toMatchObject({ ok: false, code: 'RESOURCE_EXHAUSTED' });
    spaces.write('default', A, '');
    expect(await first).toMatchObject(FOUND);
  });
});

function call(kind: 'read' | 'take', timeoutMs: number, thread: UnderWay = underWay()): HostAnswer {
  const append = (operations: readonly StoreOperation[]): bigint => BigInt(appended.push(...operations));
  const calls = new HostCalls(hostCallPorts({ spaces, writer: { append } }));
  const request = encodeHostCall({
    function: `tuplespace-${kind}-blocking`,
    pattern: ANY,
    timeoutMs: BigInt(timeoutMs),
  });
  const scope = {
    actor: 'test.Echo/one',
    address: { service: 'test.Echo', key: 'one' },
    isDurable: true,
    tenant: 'default',
    namespace: 'default',
    capabilities: new Set(['tuplespace' as const]),
    isStarved: () => isStarved,
  };
  const compose = ({ operations }: AnsweredCall): readonly StoreOperation[] => [RECORD, ...operations];
  return calls.answer(request, { scope, underWay: thread, compose });
}

async function later(answer: HostAnswer): Promise<HostReply> {
  if (answer instanceof Uint8Array) throw new Error('expected a call that waits, found its answer');
  expect(answer.waitsFor).toBe('tuple');
  return decodeHostReply(await answer.reply);
}
