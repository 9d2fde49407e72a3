/** Idempotency keys of clients' tuple operations: one effect for each key, whoever repeats it and whenever. */
import { PlexSpacesError } from '@plexspaces/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LogWriter } from '../../../packages/runtime/src/store/log-writer.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { TupleOperationRecords } from '../../../packages/runtime/src/store/tuple-operation-records.ts';
import { KeyedOperations } from '../../../packages/runtime/src/tuplespace/keyed-operations.ts';
import type {
  KeyedRequest,
  OperationOutcome,
  Perform,
} from '../../../packages/runtime/src/tuplespace/keyed-operations.ts';

const HOUR_MS = 3_600_000;
const TAKEN: OperationOutcome = { $case: 'taken', value: Uint8Array.of(1) };
const never = new AbortController().signal;

let store: MemoryStore;
let writer: LogWriter;
let keyed: KeyedOperations;
let performed: number;

beforeEach(() => {
  store = new MemoryStore();
  writer = new LogWriter(store);
  keyed = open();
  performed = 0;
});

describe('a repeated key', () => {
  it('gets the recorded answer: at once, from the store, and from another start', async () => {
    expect(await keyed.run(request(), effect)).toEqual(TAKEN);
    expect(await keyed.run(request(), effect)).toEqual(TAKEN);
    await writer.stored(writer.lsn);
    expect(await keyed.run(request(), effect)).toEqual(TAKEN);
    expect(await open().run(request(), effect)).toEqual(TAKEN);
    expect(performed).toBe(1);
  });

  it('is another one in another space', async () => {
    await keyed.run(request(), effect);
    await keyed.run(request({ space: 'two' }), effect);
    expect(performed).toBe(2);
  });

  it('with another operation is refused, while the first runs and behind it', async () => {
    const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('idempotency key "k"') };
    const first = keyed.run(request(), effect);
    await expect(keyed.run(request({ content: ['other'] }), effect)).rejects.toMatchObject(refusal);
    await first;
    await expect(keyed.run(request({ content: ['other'] }), effect)).rejects.toMatchObject(refusal);
    await expect(keyed.run(request({ content: ['ta', 'ke'] }), effect)).rejects.toMatchObject(refusal);
    expect(performed).toBe(1);
  });

  it('joins the first while that waits, and outlives it', async () => {
    const wait = Promise.withResolvers<OperationOutcome>();
    const first = new AbortController();
    const waiting = keyed.run(request({ signal: first.signal }), (keep, signal) =>
      Promise.race([wait.promise, untilUnwanted(keep, signal)]),
    );
    const joined = keyed.run(request(), effect);
    await vi.waitFor(() => expect(performed).toBe(1));
    first.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    wait.resolve(TAKEN);
    expect(await joined).toEqual(TAKEN);
    expect(performed).toBe(1);
  });

  it('begins anew where all that waited have gone', async () => {
    const callers = [new AbortController(), new AbortController()];
    const ends = callers.map(({ signal }) => keyed.run(request({ signal }), untilUnwanted));
    await vi.waitFor(() => expect(performed).toBe(1));
    for (const caller of callers) caller.abort();
    const again = keyed.run(request(), effect);
    for (const end of ends) await expect(end).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await again).toEqual(TAKEN);
    expect(performed).toBe(2);
  });

  it('does it after a refusal, and after an answer of none: they changed nothing', async () => {
    const refuse: Perform = () => Promise.reject(new PlexSpacesError('RESOURCE_EXHAUSTED', 'full'));
    await expect(keyed.run(request(), refuse)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(await keyed.run(request(), async () => undefined)).toBeUndefined();
    expect(await keyed.run(request(), effect)).toEqual(TAKEN);
  });

  it('does it again after 24 hours, when it is swept as well', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await keyed.run(request(), effect);
    await writer.stored(writer.lsn);
    vi.setSystemTime(Date.now() + 24 * HOUR_MS - 1);
    await keyed.run(request(), effect);
    expect(performed).toBe(1);
    expect((await new TupleOperationRecords(store).expired(new Date(), 10)).operations).toEqual([]);
    vi.setSystemTime(Date.now() + 1);
    const { operations } = await new TupleOperationRecords(store).expired(new Date(), 10);
    expect(operations).toMatchObject([{ type: 'del', key: expect.stringMatching(/^k\/one\0/) }]);
    await keyed.run(request(), effect);
    expect(performed).toBe(2);
    vi.useRealTimers();
  });
});

describe('a key', () => {
  it('is Unicode text of at most 256 characters', async () => {
    for (const key of ['\ud800', 'k'.repeat(257)]) {
      await expect(keyed.run(request({ key }), effect)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('at most 256 characters'),
      });
    }
    await keyed.run(request({ key: 'k'.repeat(256) }), effect);
  });

  it('of a caller that has gone already does nothing that would stay', async () => {
    const gone = keyed.run(request({ signal: AbortSignal.abort() }), untilUnwanted);
    await expect(gone).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

function open(): KeyedOperations {
  return new KeyedOperations(new TupleOperationRecords(store), writer);
}

function request(changes: Partial<KeyedRequest> = {}): KeyedRequest {
  return { space: 'one', key: 'k', content: ['take'], signal: never, ...changes };
}

const effect: Perform = async (keep) => {
  performed += 1;
  writer.append([{ type: 'put', key: 'effect', value: Uint8Array.of(1) }, keep(TAKEN)]);
  return TAKEN;
};

const untilUnwanted: Perform = (_keep, signal) => {
  performed += 1;
  return new Promise((_resolve, reject) => {
    const cancelled = (): void => reject(new PlexSpacesError('CANCELLED', 'unwanted'));
    if (signal.aborted) cancelled();
    signal.addEventListener('abort', cancelled);
  });
};
