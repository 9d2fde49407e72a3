/** The bytes of host calls and replies: what is written is read back, and equal calls have equal bytes. */
import type { ErrorCode } from '@plexspaces/core';
import { decodeHostCall, decodeHostReply, encodeHostCall, encodeHostReply } from '@plexspaces/worker';
import type { HostCall, HostReply, HostValue } from '@plexspaces/worker';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPattern, anyTuple } from '../core/arbitraries.ts';

const CODES: readonly ErrorCode[] = ['NOT_FOUND', 'RESOURCE_EXHAUSTED', 'EXECUTION_ERROR'];

/** Of plain objects, as those that are read. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const anyU64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const anyText = fc.string({ unit: 'grapheme' });
const anyBytes = fc.uint8Array({ maxLength: 100 }).map((bytes) => new Uint8Array(bytes));
const maybeU64 = fc.option(anyU64, { nil: undefined });
const body = { messageType: anyText, payload: anyBytes };

const anyCall: fc.Arbitrary<HostCall> = fc.oneof(
  record({
    function: fc.constantFrom(
      'tuplespace-read' as const,
      'tuplespace-take' as const,
      'tuplespace-count' as const,
      'tuplespace-subscribe' as const,
    ),
    pattern: anyPattern,
  }),
  record({
    function: fc.constantFrom('tuplespace-read-blocking' as const, 'tuplespace-take-blocking' as const),
    pattern: anyPattern,
    timeoutMs: anyU64,
  }),
  record({ function: fc.constant('tuplespace-write' as const), tuple: anyTuple }),
  record({ function: fc.constant('tuplespace-write-with-ttl' as const), tuple: anyTuple, ttlMs: anyU64 }),
  record({ function: fc.constant('tuplespace-renew' as const), lease: anyU64, ttlMs: anyU64 }),
  record({ function: fc.constant('tuplespace-read-all' as const), pattern: anyPattern, limit: fc.nat() }),
  record({
    function: fc.constant('tuplespace-compare-and-swap' as const),
    pattern: anyPattern,
    expected: anyTuple,
    replacement: anyTuple,
  }),
  record({ function: fc.constant('tuplespace-unsubscribe' as const), subscription: anyU64 }),
  record({ function: fc.constant('send-message' as const), to: anyText, ...body }),
  record({ function: fc.constant('ask' as const), to: anyText, ...body, timeoutMs: anyU64 }),
  record({ function: fc.constant('send-after' as const), delayMs: anyU64, ...body }),
  record({ function: fc.constant('cancel-timer' as const), timer: anyU64 }),
  record({ function: fc.constant('state-get' as const), key: anyText }),
  record({
    function: fc.constant('state-put' as const),
    key: anyText,
    value: anyBytes,
    ifVersion: maybeU64,
    ttlMs: maybeU64,
  }),
  record({ function: fc.constant('state-delete' as const), key: anyText, ifVersion: maybeU64 }),
  record({ function: fc.constant('state-list' as const), prefix: anyText, limit: fc.nat() }),
  record({ function: fc.constant('checkpoint' as const) }),
  record({ function: fc.constant('sleep-millis' as const), micros: anyU64 }),
);

const anyValue: fc.Arbitrary<HostValue> = fc.oneof(
  fc.constant<HostValue>({ type: 'unit' }),
  fc.constant<HostValue>({ type: 'none' }),
  anyTuple.map((tuple): HostValue => ({ type: 'tuple', tuple })),
  anyU64.map((value): HostValue => ({ type: 'u64', value })),
  fc.boolean().map((value): HostValue => ({ type: 'bool', value })),
  fc.array(anyTuple, { maxLength: 5 }).map((tuples): HostValue => ({ type: 'tuples', tuples })),
  anyBytes.map((payload): HostValue => ({ type: 'payload', payload })),
  fc.tuple(anyBytes, anyU64).map(([payload, version]): HostValue => ({ type: 'versioned', payload, version })),
  fc.array(anyText).map((texts): HostValue => ({ type: 'texts', texts })),
);

const anyReply: fc.Arbitrary<HostReply> = fc.oneof(
  fc.tuple(fc.nat(), anyValue).map(([durationMicros, value]): HostReply => ({ durationMicros, ok: true, value })),
  fc
    .tuple(fc.nat(), fc.constantFrom(...CODES), fc.string())
    .map(([durationMicros, code, message]): HostReply => ({ durationMicros, ok: false, code, message })),
);

describe('host calls', () => {
  it('are read back as they were', () => {
    fc.assert(
      fc.property(anyCall, (call) => {
        expect(decodeHostCall(encodeHostCall(call))).toStrictEqual(call);
      }),
    );
  });

  it('have equal bytes where they are equal, and only there', () => {
    fc.assert(
      fc.property(anyCall, anyCall, (a, b) => {
        const again = decodeHostCall(encodeHostCall(a));
        expect(hex(encodeHostCall(again))).toBe(hex(encodeHostCall(a)));
        expect(hex(encodeHostCall(a)) === hex(encodeHostCall(b))).toBe(isSame(a, b));
      }),
    );
  });

  it('of an unknown tag are refused', () => {
    expect(() => decodeHostCall(Uint8Array.of(200))).toThrow(/expected a known function tag, found 200/);
    expect(() => decodeHostCall(new Uint8Array())).toThrow(/expected 1 more bytes/);
  });

  it('past the limit of a message are refused by name', () => {
    const tuple = [{ type: 'bytes', value: new Uint8Array(4_194_304) }] as const;
    expect(() => encodeHostCall({ function: 'tuplespace-write', tuple })).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', message: expect.stringMatching(/^host call: .*4194304/) }),
    );
  });
});

describe('replies', () => {
  it('are read back as they were', () => {
    fc.assert(
      fc.property(anyReply, (reply) => {
        expect(decodeHostReply(encodeHostReply(reply))).toStrictEqual(reply);
      }),
    );
  });

  it('keep the tags that journals hold', () => {
    const unit = encodeHostReply({ ok: true, value: { type: 'unit' }, durationMicros: 1 });
    const none = encodeHostReply({ ok: true, value: { type: 'none' }, durationMicros: 1 });
    const count = encodeHostReply({ ok: true, value: { type: 'u64', value: 3n }, durationMicros: 300 });
    const no = encodeHostReply({ ok: false, code: 'ABORTED', message: 'm', durationMicros: 1 });
    expect([unit, none, count, no].map(hex)).toEqual([
      '0100',
      '0101',
      'ac02030300000000000000',
      `01ff07${hex(Buffer.from('ABORTED'))}016d`,
    ]);
  });

  it('of an unknown tag are DATA_LOSS', () => {
    expect(() => decodeHostReply(Uint8Array.of(1, 99))).toThrow(expect.objectContaining({ code: 'DATA_LOSS' }));
  });
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** By vitest's own equality, which tells -0 from 0 and knows NaN. */
function isSame(a: HostCall, b: HostCall): boolean {
  try {
    expect(a).toStrictEqual(b);
    return true;
  } catch {
    return false;
  }
}
