/** The tuple space's host functions: from the guest's variants to the space and back, both halves joined. */
import { decodeTuple } from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import { TupleRecord } from '@plexspaces/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostCalls } from '../../../packages/runtime/src/host/host-calls.ts';
import type { AnsweredCall } from '../../../packages/runtime/src/host/host-calls.ts';
import type { HostScope } from '../../../packages/runtime/src/host/scope.ts';
import { unframe } from '../../../packages/runtime/src/store/checksum.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';
import { tuplespaceImports } from '../../../packages/worker/src/host/tuplespace.ts';
import type { TuplespaceImports } from '../../../packages/worker/src/host/tuplespace.ts';
import type { WitField, WitPatternField } from '../../../packages/worker/src/wit-tuples.ts';
import type { MessageContext } from '../../../packages/worker/src/protocol.ts';
import { atOnce, underWay } from '../../support/host-answers.ts';
import { hostCallPorts } from '../../support/host-call-ports.ts';
import { joinedContext, START_MICROS } from '../../support/host-context.ts';
import type { JoinedContext } from '../../support/host-context.ts';
import { anyTuple } from '../core/arbitraries.ts';

const SCOPE: HostScope = {
  actor: 'test.Echo/one',
  address: { service: 'test.Echo', key: 'one' },
  isDurable: true,
  tenant: 'default',
  namespace: 'default',
  capabilities: new Set(['tuplespace']),
};
const HELLO: WitField[] = [
  { tag: 'string-value', val: 'hello' },
  { tag: 'integer-value', val: 1n },
];
const ANY_TWO: WitPatternField[] = [{ tag: 'wildcard' }, { tag: 'wildcard' }];

describe('a guest and the space', () => {
  it('writes, reads, counts and takes what is there, once', () => {
    const { host } = join();
    expect(host.tuplespaceWrite(HELLO)).toEqual({ tag: 'ok', val: undefined });
    expect(host.tuplespaceRead(ANY_TWO)).toEqual({ tag: 'ok', val: HELLO });
    expect(host.tuplespaceCount(ANY_TWO)).toEqual({ tag: 'ok', val: 1n });
    expect(host.tuplespaceTake(ANY_TWO)).toEqual({ tag: 'ok', val: HELLO });
    expect(host.tuplespaceTake(ANY_TWO)).toEqual({ tag: 'ok', val: undefined });
    expect(host.tuplespaceCount(ANY_TWO)).toEqual({ tag: 'ok', val: 0n });
  });

  it('carries every value of every type there and back', () => {
    fc.assert(
      fc.property(anyTuple, (tuple) => {
        const { host } = join();
        const fields = toWit(tuple);
        host.tuplespaceWrite(fields);
        const exact = fields.map((val): WitPatternField => ({ tag: 'exact', val }));
        expect(host.tuplespaceTake(exact)).toStrictEqual({ tag: 'ok', val: fields });
      }),
    );
  });

  it.each<[WitField, Extract<WitPatternField, { tag: 'type-match' }>['val']]>([
    [{ tag: 'string-value', val: '' }, 'string-type'],
    [{ tag: 'integer-value', val: 1n }, 'integer-type'],
    [{ tag: 'float-value', val: 1 }, 'float-type'],
    [{ tag: 'bytes-value', val: Uint8Array.of() }, 'bytes-type'],
    [{ tag: 'boolean-value', val: false }, 'boolean-type'],
    [{ tag: 'null-value' }, 'null-type'],
  ])('matches %o by its type %s, and by no other', (field, type) => {
    const { host } = join();
    host.tuplespaceWrite([field]);
    const types = ['string-type', 'integer-type', 'float-type', 'bytes-type', 'boolean-type', 'null-type'] as const;
    for (const val of types) {
      const count = host.tuplespaceCount([{ tag: 'type-match', val }]);
      expect(count).toEqual({ tag: 'ok', val: val === type ? 1n : 0n });
    }
  });

  it('gives a tuple a time to live, and renews it', () => {
    let nowMs = 1000;
    const { host } = join({}, SCOPE, new Spaces({}, { nowMs: () => nowMs }));
    const lease = valueOf(host.tuplespaceWriteWithTtl(HELLO, 100n));
    nowMs += 99;
    expect(host.tuplespaceRenew(lease, 50n)).toEqual({ tag: 'ok', val: true });
    nowMs += 49;
    expect(host.tuplespaceRead(ANY_TWO)).toEqual({ tag: 'ok', val: HELLO });
    nowMs += 1;
    expect(host.tuplespaceRead(ANY_TWO)).toEqual({ tag: 'ok', val: undefined });
    expect(host.tuplespaceRenew(lease, 50n)).toEqual({ tag: 'ok', val: false });
  });

  it('reads all up to a limit, oldest first', () => {
    const { host } = join();
    const numbers = [1n, 2n, 3n].map((val): WitField[] => [{ tag: 'integer-value', val }]);
    for (const tuple of numbers) host.tuplespaceWrite(tuple);
    expect(host.tuplespaceReadAll([{ tag: 'wildcard' }], 2)).toEqual({ tag: 'ok', val: numbers.slice(0, 2) });
    expect(host.tuplespaceReadAll([{ tag: 'wildcard' }], 10_000)).toEqual({ tag: 'ok', val: numbers });
    expect(host.tuplespaceReadAll(ANY_TWO, 10)).toEqual({ tag: 'ok', val: [] });
  });

  it('replaces the oldest match where it is the expected one', () => {
    const { host, operations } = join();
    const other: WitField[] = [{ tag: 'string-value', val: 'other' }, { tag: 'null-value' }];
    host.tuplespaceWrite(HELLO);
    expect(host.tuplespaceCompareAndSwap(ANY_TWO, other, other)).toEqual({ tag: 'ok', val: false });
    expect(operations).toHaveLength(1);
    expect(host.tuplespaceCompareAndSwap(ANY_TWO, HELLO, other)).toEqual({ tag: 'ok', val: true });
    expect(operations.map(({ type }) => type)).toEqual(['put', 'del', 'put']);
    expect(host.tuplespaceRead(ANY_TWO)).toEqual({ tag: 'ok', val: other });
  });

  it('subscribes and ends it', () => {
    const { host, operations } = join();
    const subscription = valueOf(host.tuplespaceSubscribe(ANY_TWO));
    expect(host.tuplespaceUnsubscribe(subscription)).toEqual({ tag: 'ok', val: true });
    expect(host.tuplespaceUnsubscribe(subscription)).toEqual({ tag: 'ok', val: false });
    const [put, del] = operations;
    expect(put?.key).toMatch(/^b\/test\.Echo\0one\0/);
    expect(del).toEqual({ type: 'del', key: put?.key });
  });

  it('stays in its own namespace', () => {
    const spaces = new Spaces();
    const mine = join({}, { ...SCOPE, namespace: 'mine' }, spaces);
    const other = join({}, { ...SCOPE, namespace: 'other' }, spaces);
    mine.host.tuplespaceWrite(HELLO);
    expect(other.host.tuplespaceTake(ANY_TWO)).toEqual({ tag: 'ok', val: undefined });
    expect(mine.host.tuplespaceTake(ANY_TWO)).toEqual({ tag: 'ok', val: HELLO });
  });

  it('moves its clock on by what the host took', () => {
    const { host, context } = join();
    host.tuplespaceCount(ANY_TWO);
    expect(context.clock.micros).toBeGreaterThan(START_MICROS);
  });
});

describe('what the store must keep', () => {
  it('is one record for a write, with its writer, and one deletion of it for a take', () => {
    const { host, operations } = join();
    host.tuplespaceWrite(HELLO);
    host.tuplespaceRead(ANY_TWO);
    host.tuplespaceCount(ANY_TWO);
    host.tuplespaceTake(ANY_TWO);
    const [written, taken] = operations;
    expect(operations).toHaveLength(2);
    if (written?.type !== 'put') throw new Error('expected a put first');
    expect(taken).toEqual({ type: 'del', key: written.key });
    const record = TupleRecord.decode(unframe(written.key, written.value));
    expect(record.writer).toBe('test.Echo/one');
    expect(toWit(decodeTuple(record.tuple))).toEqual(HELLO);
  });
});

describe('what is refused', () => {
  it('is everything without the capability, and nothing changes', () => {
    const spaces = new Spaces();
    const { host, operations } = join({}, { ...SCOPE, capabilities: new Set() }, spaces);
    const refusal = { tag: 'err', val: expect.stringMatching(/^PERMISSION_DENIED: tuplespace-\w+: .*capability/) };
    expect(host.tuplespaceWrite(HELLO)).toEqual(refusal);
    expect(host.tuplespaceRead(ANY_TWO)).toEqual(refusal);
    expect(host.tuplespaceTake(ANY_TWO)).toEqual(refusal);
    expect(host.tuplespaceCount(ANY_TWO)).toEqual(refusal);
    expect(operations).toEqual([]);
    expect(spaces.count('default', [{ match: 'any' }, { match: 'any' }])).toBe(0);
  });

  it('is a host call where only logging is allowed, before it leaves the thread', () => {
    const { host } = join({ hostCalls: 'log-only' });
    expect(host.tuplespaceWrite(HELLO)).toEqual({
      tag: 'err',
      val: expect.stringMatching(/^FAILED_PRECONDITION: tuplespace-write: .*may only log/),
    });
  });

  it.each<[string, WitField[], RegExp]>([
    ['too large', [{ tag: 'bytes-value', val: new Uint8Array(300_000) }], /^RESOURCE_EXHAUSTED: tuple: .*262144/],
    ['larger than any message', [{ tag: 'bytes-value', val: new Uint8Array(5_000_000) }], /^RESOURCE_EXHAUSTED: /],
    ['too long', Array.from({ length: 65 }, () => ({ tag: 'null-value' })), /^INVALID_ARGUMENT: .*at most 64 fields/],
    ['no Unicode text', [{ tag: 'string-value', val: '\ud800' }], /^INVALID_ARGUMENT: string: .*lone surrogate/],
  ])('is a tuple that is %s', (_what, tuple, expected) => {
    const { host, operations } = join();
    expect(host.tuplespaceWrite(tuple)).toEqual({ tag: 'err', val: expect.stringMatching(expected) });
    expect(operations).toEqual([]);
    expect(host.tuplespaceWrite(HELLO)).toMatchObject({ tag: 'ok' });
  });

  it('is a time to live, a limit or an amount that is out of range', () => {
    const { host, operations } = join();
    const refusal = (text: string) => ({ tag: 'err', val: expect.stringContaining(text) });
    for (const ttlMs of [0n, 315_360_000_001n, 2n ** 64n - 1n]) {
      expect(host.tuplespaceWriteWithTtl(HELLO, ttlMs)).toEqual(refusal('INVALID_ARGUMENT: ttl'));
      expect(host.tuplespaceRenew(1n, ttlMs)).toEqual(refusal('INVALID_ARGUMENT: ttl'));
    }
    for (const limit of [0, 10_001]) {
      expect(host.tuplespaceReadAll(ANY_TWO, limit)).toEqual(refusal('INVALID_ARGUMENT: limit'));
    }
    expect(operations).toEqual([]);
    const large: WitField[] = [{ tag: 'bytes-value', val: new Uint8Array(262_000) }];
    for (let count = 0; count < 16; count += 1) host.tuplespaceWrite(large);
    expect(host.tuplespaceReadAll([{ tag: 'wildcard' }], 100)).toEqual(
      refusal('RESOURCE_EXHAUSTED: read-all: expected at most 4000000 bytes of tuples, found more: ask for 15'),
    );
    expect(valueOf(host.tuplespaceReadAll([{ tag: 'wildcard' }], 15))).toHaveLength(15);
  });

  it('is a write past the limits of the space, which stays as it was', () => {
    const spaces = new Spaces({ maxTuples: 1, maxBytes: 1000 });
    const { host, operations } = join({}, SCOPE, spaces);
    host.tuplespaceWrite(HELLO);
    expect(host.tuplespaceWrite(HELLO)).toEqual({ tag: 'err', val: expect.stringMatching(/^RESOURCE_EXHAUSTED: /) });
    expect(operations).toHaveLength(1);
    host.tuplespaceTake(ANY_TWO);
    expect(host.tuplespaceWrite(HELLO)).toMatchObject({ tag: 'ok' });
  });
});

interface Joined {
  readonly host: TuplespaceImports;
  readonly context: JoinedContext;
  readonly operations: readonly StoreOperation[];
}

function join(message: Partial<MessageContext> = {}, scope = SCOPE, spaces = new Spaces()): Joined {
  const operations: StoreOperation[] = [];
  const append = (appended: readonly StoreOperation[]): bigint => BigInt(operations.push(...appended));
  const calls = new HostCalls(hostCallPorts({ spaces, writer: { append } }));
  const compose = (answered: AnsweredCall): readonly StoreOperation[] => answered.operations;
  const answer = (request: Uint8Array): Uint8Array =>
    atOnce(calls.answer(request, { scope, underWay: underWay(), compose }));
  const context = joinedContext({ answer, message });
  return { host: tuplespaceImports(context), context, operations };
}

function valueOf<T>(result: { tag: 'ok'; val: T } | { tag: 'err'; val: string }): T {
  if (result.tag === 'ok') return result.val;
  throw new Error(result.val);
}

function toWit(tuple: Tuple): WitField[] {
  return tuple.map((field) => {
    switch (field.type) {
      case 'string':
        return { tag: 'string-value', val: field.value };
      case 'int':
        return { tag: 'integer-value', val: field.value };
      case 'float':
        return { tag: 'float-value', val: field.value };
      case 'bytes':
        return { tag: 'bytes-value', val: field.value };
      case 'bool':
        return { tag: 'boolean-value', val: field.value };
      case 'null':
        return { tag: 'null-value' };
    }
  });
}
