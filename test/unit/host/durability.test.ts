/** Between a durable actor's message and its host calls: what is recorded, and what replay makes of it. */
import { PlexSpacesError } from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import type { Received } from '@plexspaces/proto';
import { encodeHostCall } from '@plexspaces/worker';
import { beforeEach, describe, expect, it } from 'vitest';
import { MessageRecorder } from '../../../packages/runtime/src/host/durability.ts';
import type { RecordedMessage } from '../../../packages/runtime/src/host/durability.ts';
import { CAPABILITIES } from '../../../packages/runtime/src/host/scope.ts';
import type { HostScope } from '../../../packages/runtime/src/host/scope.ts';
import type { JournaledMessage } from '../../../packages/runtime/src/store/journal.ts';
import { durabilityImports } from '../../../packages/worker/src/host/durability.ts';
import { GatedStore } from '../../support/gated-store.ts';
import { atOnce, underWay } from '../../support/host-answers.ts';
import { joinedContext } from '../../support/host-context.ts';
import { openPorts } from '../../support/ports.ts';
import type { Ports } from '../../support/ports.ts';

const ACTOR = { service: 'test.Echo', key: 'one' };
const SCOPE: HostScope = {
  actor: 'test.Echo/one',
  address: ACTOR,
  isDurable: true,
  tenant: 'default',
  namespace: 'default',
  capabilities: new Set(CAPABILITIES),
};
const TUPLE: Tuple = [{ type: 'string', value: 'a' }];
const WRITE = encodeHostCall({ function: 'tuplespace-write', tuple: TUPLE });
const TAKE = encodeHostCall({ function: 'tuplespace-take', pattern: [{ match: 'any' }] });
const COUNT = encodeHostCall({ function: 'tuplespace-count', pattern: [{ match: 'any' }] });
const DONE = { $case: 'processed', value: { outcome: { $case: 'reply', value: Uint8Array.of(1) } } } as const;
const RECEIVED: Received = {
  fromActor: 'client',
  messageType: 'm',
  payload: Uint8Array.of(),
  kind: MessageKind.MESSAGE_KIND_REQUEST,
  startMicros: 1n,
  seed: Uint8Array.of(),
  attempt: 1,
  idempotencyKey: '',
};

let store: GatedStore;
let ports: Ports;

beforeEach(async () => {
  store = new GatedStore();
  ports = await openPorts(store);
});

describe('the thread half', () => {
  it('tells the number of the message, and not whether it is a replay', () => {
    for (const replayed of [false, true]) {
      const host = durabilityImports(joinedContext({ message: { sequence: 41n, replayed } }));
      expect(host.getJournalSequence()).toBe(41n);
      expect(host.isReplayMode()).toBe(false);
    }
  });
});

describe('a new message', () => {
  it('is written with its first host call and the effect of that, in one batch', async () => {
    const recorder = record({ state: 'new' });
    expect(ports.writer.lsn).toBe(0n);
    answer(recorder, WRITE);
    expect(ports.writer.lsn).toBe(1n);
    await settled();
    expect(store.batches.map((batch) => batch.map(({ type, key }) => `${type} ${key.slice(0, 2)}`))).toEqual([
      ['put j/', 'put j/', 'put t/', 'put u/'],
    ]);
  });

  it('without a host call is written when it ends', async () => {
    const recorder = record({ state: 'new' });
    recorder.finish(DONE);
    await settled();
    expect(store.batches).toHaveLength(1);
    expect(await onlyMessage()).toMatchObject({ sequence: 0n, received: RECEIVED, end: { kind: 'processed' } });
  });

  it('is journaled in the order of what happened', async () => {
    const recorder = record({ state: 'new' });
    answer(recorder, WRITE);
    answer(recorder, COUNT);
    answer(recorder, TAKE);
    recorder.finish(DONE);
    expect(recorder.isFinished).toBe(true);
    const message = await onlyMessage();
    expect(message.hostCalls.map((call) => call.function)).toEqual([
      'tuplespace-write',
      'tuplespace-count',
      'tuplespace-take',
    ]);
    expect(message.end?.kind).toBe('processed');
  });

  it('takes back nothing that it did before it failed', async () => {
    const recorder = record({ state: 'new' });
    answer(recorder, WRITE);
    recorder.finish({ $case: 'failed', value: { code: 'INTERNAL', reason: 'TRAP', message: 'x', effects: [] } });
    expect((await onlyMessage()).end?.kind).toBe('failed');
    expect((await openPorts(store)).spaces.count('default', [{ match: 'any' }])).toBe(1);
  });
});

describe('the replay of a message that ended', () => {
  it('answers what was answered, and does nothing again', async () => {
    const { replies, message } = await journaled([WRITE, COUNT, TAKE], DONE);
    const lsn = ports.writer.lsn;
    const recorder = record({ ...message, recorded: message.hostCalls, state: 'ended' });
    const again = [WRITE, COUNT, TAKE].map((request) => answer(recorder, request));
    expect(again.map(toHex)).toEqual(replies.map(toHex));
    recorder.expectAllReplayed();
    expect(ports.writer.lsn).toBe(lsn);
    expect(ports.spaces.count('default', [{ match: 'any' }])).toBe(0);
  });

  it('answers what was there then, not what is there now', async () => {
    const { replies, message } = await journaled([COUNT], DONE);
    ports.spaces.write('default', TUPLE, '');
    const recorder = record({ ...message, recorded: message.hostCalls, state: 'ended' });
    expect(toHex(answer(recorder, COUNT))).toBe(toHex(replies[0] ?? Uint8Array.of()));
    // The control: asked afresh, the answer is another one.
    expect(toHex(answer(record({ state: 'new' }), COUNT))).not.toBe(toHex(replies[0] ?? Uint8Array.of()));
  });

  it.each([
    ['another function', [TAKE], 'host call 1: expected tuplespace-write, found tuplespace-take'],
    [
      'other arguments',
      [other()],
      'host call 1: expected tuplespace-write, found tuplespace-write with other arguments',
    ],
    ['one call more', [WRITE, WRITE], 'host call 2: expected the end of the message, found tuplespace-write'],
  ])('has diverged at %s, and answers nothing', async (_what, requests, expected) => {
    const { message } = await journaled([WRITE], DONE);
    const recorder = record({ ...message, recorded: message.hostCalls, state: 'ended' });
    const replay = (): void => requests.forEach((request) => answer(recorder, request));
    expect(replay).toThrow(
      expect.objectContaining({
        code: 'ABORTED',
        reason: 'REPLAY_DIVERGED',
        message: `replay of test.Echo/one diverged at message 0, ${expected}`,
      }),
    );
    expect(ports.spaces.count('default', [{ match: 'any' }])).toBe(1);
  });

  it('has diverged where a recorded call was not made again', async () => {
    const { message } = await journaled([WRITE, COUNT], DONE);
    const recorder = record({ ...message, recorded: message.hostCalls, state: 'ended' });
    answer(recorder, WRITE);
    expect(() => recorder.expectAllReplayed()).toThrow(/expected tuplespace-count, found the end of the message/);
    answer(recorder, COUNT);
    recorder.expectAllReplayed();
  });
});

describe('a message that the death of the process interrupted', () => {
  it('replays what is recorded and goes on live behind it', async () => {
    const { replies, message } = await journaled([WRITE], undefined);
    const recorder = record({ ...message, recorded: message.hostCalls, state: 'interrupted' });
    expect(recorder.isReplaying).toBe(true);
    expect(toHex(answer(recorder, WRITE))).toBe(toHex(replies[0] ?? Uint8Array.of()));
    expect(recorder.isReplaying).toBe(false);
    answer(recorder, WRITE);
    recorder.finish(DONE);
    expect(await onlyMessage()).toMatchObject({ hostCalls: [{}, {}], end: { kind: 'processed' } });
    expect(ports.spaces.count('default', [{ match: 'any' }])).toBe(2);
  });
});

describe('a storage that failed', () => {
  it('ends the call with the reason', async () => {
    store.failWith(new Error('no space'));
    const recorder = record({ state: 'new' });
    answer(recorder, WRITE);
    await expect(ports.writer.synced(ports.writer.lsn)).rejects.toThrow(/no space/);
    expect(() => answer(recorder, COUNT)).toThrow(PlexSpacesError);
  });
});

function answer(recorder: MessageRecorder, request: Uint8Array): Uint8Array {
  return atOnce(recorder.answer(request, underWay()));
}

function record(message: Partial<RecordedMessage> & Pick<RecordedMessage, 'state'>): MessageRecorder {
  return new MessageRecorder(
    ports,
    { actor: ACTOR, sequence: 0n, received: RECEIVED, recorded: [], ...message },
    SCOPE,
  );
}

async function journaled(
  requests: readonly Uint8Array[],
  end: typeof DONE | undefined,
): Promise<{ replies: readonly Uint8Array[]; message: JournaledMessage }> {
  const recorder = record({ state: 'new' });
  const replies = requests.map((request) => answer(recorder, request));
  if (end !== undefined) recorder.finish(end);
  return { replies, message: await onlyMessage() };
}

async function onlyMessage(): Promise<JournaledMessage> {
  await settled();
  const messages = await Array.fromAsync(ports.journal.messages(ACTOR));
  expect(messages).toHaveLength(1);
  const [message] = messages;
  if (message === undefined) throw new Error('no message');
  return message;
}

function settled(): Promise<void> {
  return ports.writer.synced(ports.writer.lsn);
}

function other(): Uint8Array {
  return encodeHostCall({ function: 'tuplespace-write', tuple: [...TUPLE, ...TUPLE] });
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
