/** The host functions of timers: from the guest's arguments to the message that comes back, both halves joined. */
import { TimerRecord } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { HostCalls } from '../../../packages/runtime/src/host/host-calls.ts';
import type { HostScope } from '../../../packages/runtime/src/host/scope.ts';
import { unframe } from '../../../packages/runtime/src/store/checksum.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { timersImports } from '../../../packages/worker/src/host/timers.ts';
import type { TimersImports } from '../../../packages/worker/src/host/timers.ts';
import type { WitResult } from '../../../packages/worker/src/host/results.ts';
import { atOnce, underWay } from '../../support/host-answers.ts';
import { hostCallPorts } from '../../support/host-call-ports.ts';
import { joinedContext } from '../../support/host-context.ts';
import { recordingTimers } from '../../support/recording-timers.ts';
import type { RecordingTimers } from '../../support/recording-timers.ts';

const SCOPE: HostScope = {
  actor: 'test.Echo/one',
  address: { service: 'test.Echo', key: 'one' },
  isDurable: true,
  tenant: 'default',
  namespace: 'default',
  capabilities: new Set(['timers']),
};
const UP = Buffer.from('up');

describe('a guest and its timers', () => {
  it('is sent its message when the delay has passed', () => {
    const { host, recording } = join();
    recording.timers.resume('test.Echo');
    const timer = okOf(host.sendAfter(1000n, 'wake', UP));
    recording.clock.advance(999);
    expect(recording.delivered).toEqual([]);
    recording.clock.advance(1);
    const message = { fromActor: `timer/${timer}`, messageType: 'wake', payload: new Uint8Array(UP) };
    expect(recording.delivered).toEqual([{ to: SCOPE.address, ...message }]);
    expect(host.cancelTimer(timer)).toEqual({ tag: 'ok', val: false });
  });

  it('cancels those that it set, and no other ones', () => {
    const { host, recording } = join();
    const other = join(recording, { ...SCOPE, actor: 'test.Echo/two', address: { service: 'test.Echo', key: 'two' } });
    recording.timers.resume('test.Echo');
    const timer = okOf(host.sendAfter(10n, 'wake', UP));
    expect(other.host.cancelTimer(timer)).toEqual({ tag: 'ok', val: false });
    expect(host.cancelTimer(timer + 1n)).toEqual({ tag: 'ok', val: false });
    expect(host.cancelTimer(timer)).toEqual({ tag: 'ok', val: true });
    expect(host.cancelTimer(timer)).toEqual({ tag: 'ok', val: false });
    recording.clock.advance(20);
    expect(recording.delivered).toEqual([]);
  });
});

describe('what the store must keep', () => {
  it('is one record for a timer of a durable actor, with its time, and its deletion', () => {
    const { host, operations, recording } = join();
    const timer = okOf(host.sendAfter(1000n, 'wake', UP));
    host.cancelTimer(timer);
    const [put, deleted] = operations;
    expect(operations).toHaveLength(2);
    if (put?.type !== 'put') throw new Error('expected a put first');
    expect(deleted).toEqual({ type: 'del', key: put.key });
    expect(TimerRecord.decode(unframe(put.key, put.value))).toEqual({
      dueAt: new Date(recording.clock.nowMs() + 1000),
      messageType: 'wake',
      payload: new Uint8Array(UP),
    });
  });

  it('is nothing of an actor that is not durable', () => {
    const { host, operations } = join(recordingTimers(), { ...SCOPE, isDurable: false });
    host.cancelTimer(okOf(host.sendAfter(1000n, 'wake', UP)));
    expect(operations).toEqual([]);
  });
});

describe('what is refused', () => {
  it.each<[string, (host: TimersImports) => unknown]>([
    ['send-after', (host) => host.sendAfter(1n, 'wake', UP)],
    ['cancel-timer', (host) => host.cancelTimer(1n)],
  ])('is %s without the capability', (name, call) => {
    const { host, operations } = join(recordingTimers(), { ...SCOPE, capabilities: new Set() });
    const val = `PERMISSION_DENIED: ${name}: the application has no capability timers`;
    expect(call(host)).toEqual({ tag: 'err', val });
    expect(operations).toEqual([]);
  });

  it('is a delay past every bound', () => {
    const { host, operations } = join();
    const refusal = { tag: 'err', val: expect.stringMatching(/^INVALID_ARGUMENT: delay-ms: expected at most/) };
    expect(host.sendAfter(2n ** 64n - 1n, 'wake', UP)).toEqual(refusal);
    expect(operations).toEqual([]);
  });
});

interface Joined {
  readonly host: TimersImports;
  readonly recording: RecordingTimers;
  readonly operations: readonly StoreOperation[];
}

function join(recording = recordingTimers(), scope = SCOPE): Joined {
  const calls = new HostCalls(hostCallPorts({ timers: recording.timers }));
  const operations: StoreOperation[] = [];
  const compose = (answered: { operations: readonly StoreOperation[] }): [] => {
    operations.push(...answered.operations);
    return [];
  };
  const answer = (request: Uint8Array): Uint8Array =>
    atOnce(calls.answer(request, { scope, underWay: underWay(), compose }));
  return { host: timersImports(joinedContext({ answer })), recording, operations };
}

function okOf(result: WitResult<bigint>): bigint {
  if (result.tag === 'ok') return result.val;
  throw new Error(`expected a number, found ${result.val}`);
}
