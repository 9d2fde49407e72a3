/** The host functions of shared state: from the guest's arguments to the store's operations, both halves joined. */
import { StateRecord } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { HostCalls } from '../../../packages/runtime/src/host/host-calls.ts';
import type { HostScope } from '../../../packages/runtime/src/host/scope.ts';
import { SharedState } from '../../../packages/runtime/src/state/shared-state.ts';
import { unframe } from '../../../packages/runtime/src/store/checksum.ts';
import { Numbers } from '../../../packages/runtime/src/store/numbers.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { stateImports } from '../../../packages/worker/src/host/state.ts';
import type { StateImports } from '../../../packages/worker/src/host/state.ts';
import type { WitResult } from '../../../packages/worker/src/host/results.ts';
import { atOnce, underWay } from '../../support/host-answers.ts';
import { hostCallPorts } from '../../support/host-call-ports.ts';
import { joinedContext } from '../../support/host-context.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const SCOPE: HostScope = {
  actor: 'test.Echo/one',
  address: { service: 'test.Echo', key: 'one' },
  isDurable: true,
  tenant: 'default',
  namespace: 'default',
  capabilities: new Set(['state']),
};
const VALUE = Buffer.from('value');

describe('a guest and the state of its service', () => {
  it('puts, gets, lists and deletes', () => {
    const { host } = join();
    const version = okOf(host.statePut('k', VALUE, undefined, undefined));
    expect(host.stateGet('k')).toEqual({ tag: 'ok', val: [new Uint8Array(VALUE), version] });
    expect(host.stateList('', 10)).toEqual({ tag: 'ok', val: ['k'] });
    expect(host.stateDelete('k', undefined)).toEqual({ tag: 'ok', val: true });
    expect(host.stateDelete('k', undefined)).toEqual({ tag: 'ok', val: false });
    expect(host.stateGet('k')).toEqual({ tag: 'ok', val: undefined });
  });

  it('changes nothing where the condition is not met', () => {
    const { host, operations } = join();
    const first = okOf(host.statePut('k', VALUE, 0n, undefined));
    expect(host.statePut('k', VALUE, 0n, undefined)).toEqual({ tag: 'ok', val: undefined });
    const second = okOf(host.statePut('k', VALUE, first, undefined));
    expect(host.statePut('k', VALUE, first, undefined)).toEqual({ tag: 'ok', val: undefined });
    expect(host.stateDelete('k', first)).toEqual({ tag: 'ok', val: false });
    expect(operations).toHaveLength(2);
    expect(host.stateDelete('k', second)).toEqual({ tag: 'ok', val: true });
    // What was deleted comes back with another version: who knew the old one does not take it for that.
    const third = okOf(host.statePut('k', VALUE, 0n, undefined));
    expect(third).not.toBe(first);
    expect(host.statePut('k', VALUE, second, undefined)).toEqual({ tag: 'ok', val: undefined });
  });

  it('shares it with the other keys of the service, and with no other service', () => {
    const { host, state } = join();
    const sibling = join(state, { ...SCOPE, actor: 'test.Echo/two', address: { service: 'test.Echo', key: 'two' } });
    const stranger = join(state, { ...SCOPE, actor: 'test.Ech/one', address: { service: 'test.Ech', key: 'one' } });
    host.statePut('k', VALUE, undefined, undefined);
    expect(sibling.host.stateList('', 10)).toEqual({ tag: 'ok', val: ['k'] });
    expect(stranger.host.stateList('', 10)).toEqual({ tag: 'ok', val: [] });
  });

  it('has values for as long as they are to live', () => {
    const { host, clock } = join();
    host.statePut('k', VALUE, undefined, 1000n);
    clock.advance(999);
    expect(host.stateGet('k')).toMatchObject({ val: [new Uint8Array(VALUE), expect.any(BigInt)] });
    clock.advance(1);
    expect(host.stateGet('k')).toEqual({ tag: 'ok', val: undefined });
    expect(host.statePut('k', VALUE, 0n, undefined)).toMatchObject({ val: expect.any(BigInt) });
  });
});

describe('what the store must keep', () => {
  it('is one record for a put, with version and end, and its deletion', () => {
    const { host, operations, clock } = join();
    const version = okOf(host.statePut('k', VALUE, undefined, 1000n));
    host.stateGet('k');
    host.stateList('', 1);
    host.stateDelete('k', version);
    const [put, deleted] = operations;
    expect(operations).toHaveLength(2);
    if (put?.type !== 'put') throw new Error('expected a put first');
    expect(deleted).toEqual({ type: 'del', key: put.key });
    expect(StateRecord.decode(unframe(put.key, put.value))).toEqual({
      value: new Uint8Array(VALUE),
      version,
      expiresAt: new Date(clock.nowMs() + 1000),
    });
  });
});

describe('what is refused', () => {
  it.each<[string, (host: StateImports) => unknown]>([
    ['state-get', (host) => host.stateGet('k')],
    ['state-put', (host) => host.statePut('k', new Uint8Array(), undefined, undefined)],
    ['state-delete', (host) => host.stateDelete('k', 1n)],
    ['state-list', (host) => host.stateList('', 10)],
  ])('is %s without the capability', (name, call) => {
    const { host, operations } = join(undefined, { ...SCOPE, capabilities: new Set() });
    const val = `PERMISSION_DENIED: ${name}: the application has no capability state`;
    expect(call(host)).toEqual({ tag: 'err', val });
    expect(operations).toEqual([]);
  });

  it.each<[string, (host: StateImports) => unknown, RegExp]>([
    [
      'a value past its limit',
      (host) => host.statePut('k', new Uint8Array(1_048_577), undefined, undefined),
      /^RESOURCE_EXHAUSTED: value: expected at most 1048576 bytes, found 1048577/,
    ],
    ['a key of no character', (host) => host.stateGet(''), /^INVALID_ARGUMENT: key: expected 1-256 characters/],
    ['a limit of none', (host) => host.stateList('', 0), /^INVALID_ARGUMENT: limit: expected 1-10000/],
  ])('is %s, and nothing changes', (_what, call, expected) => {
    const { host, operations } = join();
    expect(call(host)).toEqual({ tag: 'err', val: expect.stringMatching(expected) });
    expect(operations).toEqual([]);
  });

  it('is a list that no reply can hold, and a shorter one is answered', () => {
    const { host } = join();
    const letters = '\u{10000}'.repeat(250); // a thousand bytes each
    for (let index = 0; index < 5000; index += 1) host.statePut(`${letters}${index}`, new Uint8Array(), 0n, undefined);
    expect(host.stateList('', 5000)).toEqual({ tag: 'err', val: expect.stringMatching(/^RESOURCE_EXHAUSTED: /) });
    expect(host.stateList('', 4000)).toMatchObject({ tag: 'ok' });
  });
});

interface Joined {
  readonly host: StateImports;
  readonly state: SharedState;
  readonly clock: VirtualClock;
  readonly operations: readonly StoreOperation[];
}

function join(given?: SharedState, scope = SCOPE): Joined {
  const clock = new VirtualClock();
  const state = given ?? new SharedState({ clock, numbers: new Numbers(1n) });
  const calls = new HostCalls(hostCallPorts({ state }));
  const operations: StoreOperation[] = [];
  const compose = (answered: { operations: readonly StoreOperation[] }): [] => {
    operations.push(...answered.operations);
    return [];
  };
  const answer = (request: Uint8Array): Uint8Array =>
    atOnce(calls.answer(request, { scope, underWay: underWay(), compose }));
  return { host: stateImports(joinedContext({ answer })), state, clock, operations };
}

function okOf(result: WitResult<bigint | undefined>): bigint {
  if (result.tag === 'ok' && result.val !== undefined) return result.val;
  throw new Error(`expected a version, found ${String(result.val)}`);
}
