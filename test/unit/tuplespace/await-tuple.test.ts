/** Blocking reads and takes of clients: they end, whatever happens, and take nothing that they do not give. */
import { PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple } from '@plexspaces/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { awaitTuple } from '../../../packages/runtime/src/tuplespace/await-tuple.ts';
import type { TupleWait } from '../../../packages/runtime/src/tuplespace/await-tuple.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';

const ANY: Pattern = [{ match: 'any' }];
const A: Tuple = [{ type: 'string', value: 'a' }];
const RECORD: StoreOperation = { type: 'put', key: 'k/record', value: Uint8Array.of(1) };

let spaces: Spaces;
let appended: StoreOperation[];

beforeEach(() => {
  vi.useFakeTimers();
  spaces = new Spaces();
  appended = [];
});

afterEach(() => vi.useRealTimers());

describe('a wait', () => {
  it('gives what is there at once, and appends a take with its record', async () => {
    spaces.write('one', A, '');
    expect(await wait({ kind: 'read' })).toEqual(A);
    expect(appended).toEqual([]);
    expect(await wait({ waitMs: 1000, record: () => [RECORD] })).toEqual(A);
    expect(appended).toMatchObject([{ type: 'del' }, RECORD]);
    expect(await wait({})).toBeUndefined();
  });

  it('gives what is written meanwhile, in the append of the write', async () => {
    const taken = wait({ waitMs: 1000, record: () => [RECORD] });
    expect(spaces.write('one', A, '').operations).toEqual([RECORD]);
    expect(await taken).toEqual(A);
    expect({ appended, timers: vi.getTimerCount() }).toEqual({ appended: [], timers: 0 });
  });

  it('ends with none at its time, and leaves what comes then', async () => {
    const taken = wait({ waitMs: 1000 });
    const settled = vi.fn<() => void>();
    void taken.then(settled);
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await taken).toBeUndefined();
    spaces.write('one', A, '');
    expect(spaces.count('one', ANY)).toBe(1);
  });

  it('ends with its caller, and leaves what comes then', async () => {
    const caller = new AbortController();
    const taken = wait({ waitMs: 1000, signal: caller.signal });
    caller.abort();
    await expect(taken).rejects.toMatchObject({ code: 'CANCELLED' });
    spaces.write('one', A, '');
    expect({ count: spaces.count('one', ANY), timers: vi.getTimerCount() }).toEqual({ count: 1, timers: 0 });
    await expect(wait({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(spaces.count('one', ANY)).toBe(1);
  });

  it('ends with the node, and says so', async () => {
    const closing = new AbortController();
    const reason = new PlexSpacesError('UNAVAILABLE', 'the node is shutting down');
    const taken = wait({ waitMs: 1000, closing: closing.signal });
    closing.abort(reason);
    await expect(taken).rejects.toBe(reason);
    await expect(wait({ closing: closing.signal })).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is refused where too many wait', async () => {
    spaces = new Spaces({ maxWaiters: 1 });
    const first = wait({ waitMs: 1000 });
    await expect(wait({ waitMs: 1000 })).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    spaces.write('one', A, '');
    expect(await first).toEqual(A);
  });
});

async function wait(changes: Partial<TupleWait>): Promise<Tuple | undefined> {
  const never = new AbortController().signal;
  const append = (operations: readonly StoreOperation[]): unknown => appended.push(...operations);
  const base = { kind: 'take', space: 'one', pattern: ANY, waitMs: 0, signal: never, closing: never, append } as const;
  return awaitTuple(spaces, { ...base, ...changes });
}
