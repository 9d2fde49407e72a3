/** How calls travel into a thread, and what becomes of them when it ends: the thread's half is played by the test. */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import { createBridgeBuffer, headerCells } from '@plexspaces/worker';
import type { FromThread, GuestOutcome, ToThread } from '@plexspaces/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOT_STARTED, ThreadCalls } from '../../../packages/runtime/src/pool/thread-calls.ts';
import { claimCall } from '../../../packages/worker/src/bridge/claims.ts';
import { packResults, unpackCalls } from '../../../packages/worker/src/bridge/packing.ts';
import { markCallLength, markRunning } from '../../../packages/worker/src/bridge/status.ts';

const OK: GuestOutcome = { kind: 'ok', payload: undefined, clockMicros: 1n };
const DEATH = new PlexSpacesError('RESOURCE_EXHAUSTED', 'the heap is full');

let channel: MessageChannel;
let bridge: SharedArrayBuffer;
let calls: ThreadCalls;

beforeEach(() => {
  channel = new MessageChannel();
  bridge = createBridgeBuffer();
  calls = new ThreadCalls({
    port: channel.port1,
    bridge,
    onTrap: () => undefined,
    onWait: () => undefined,
    onWaitEnd: () => undefined,
    onFault: () => undefined,
  });
});

afterEach(() => {
  channel.port1.close();
  channel.port2.close();
});

describe('a thread that ends', () => {
  it('has answered what it told of before, though nobody read it yet', async () => {
    const outcomes = Promise.allSettled([call(), call(), call()]);
    markRunning(headerCells(bridge), 1);
    tell(1);
    markRunning(headerCells(bridge), 2);
    calls.end(DEATH);
    expect(await outcomes).toMatchObject([
      { status: 'fulfilled', value: OK },
      { status: 'rejected', reason: DEATH },
      { status: 'rejected', reason: { reason: NOT_STARTED } },
    ]);
  });

  it('had not started what it told nothing of and did not run', async () => {
    const outcomes = Promise.allSettled([call(), call()]);
    markRunning(headerCells(bridge), 2);
    calls.end(DEATH);
    expect(await outcomes).toMatchObject([{ reason: { reason: NOT_STARTED } }, { reason: DEATH }]);
  });
});

describe('calls that are made in one turn of the event loop', () => {
  beforeEach(() => markCallLength(headerCells(bridge), 1)); // they are short, so that more than two may be sent

  it('travel in one message, where each is made in a tick of its own', async () => {
    ignored(call());
    process.nextTick(() => ignored(call()));
    await nextTurn();
    await nextTurn(); // what the first one's ticks put behind it has happened now
    expect([sentCalls(), sentCalls()]).toEqual([2, 0]);
  });

  it('do not wait for the end of the turn where they are many', async () => {
    const ends = [1, 2, 3, 4].map(() => call());
    for (const end of ends) ignored(end);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect([sentCalls(), sentCalls()]).toEqual([4, 0]);
  });
});

describe('calls that wait in the thread', () => {
  it('are as many as they are short', () => {
    const cells = headerCells(bridge);
    const behind = [0, 10, 200, 500].map((micros) => {
      markCallLength(cells, micros);
      return calls.mostBehind;
    });
    expect(behind).toEqual([0, 63, 1, 0]);
  });

  it('come back where they have not started, the last one first', async () => {
    const order: string[] = [];
    const ends = ['runs', 'next', 'last'].map((name) => call().catch(() => void order.push(name)));
    expect(claimCall(headerCells(bridge), 1)).toBe(true);
    calls.takeBackAll(DEATH);
    await Promise.all(ends.slice(1));
    expect(order).toEqual(['last', 'next']);
    expect([2, 3].map((id) => claimCall(headerCells(bridge), id))).toEqual([false, false]);
  });

  it('have not started where the thread passes them over', async () => {
    const passedOver = call();
    channel.port2.postMessage(packResults([{ id: 1, outcome: undefined }]));
    await expect(passedOver).rejects.toMatchObject({ reason: NOT_STARTED });
  });
});

/** How many are in the next message; 0: there is none. */
function sentCalls(): number {
  const received: { readonly message: ToThread } | undefined = receiveMessageOnPort(channel.port2);
  return received === undefined ? 0 : unpackCalls(received.message).length;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The test ends before it does. */
function ignored(end: Promise<GuestOutcome>): void {
  end.catch(() => undefined);
}

function call(): Promise<GuestOutcome> {
  return calls.call({
    target: { export: 'snapshot-state' },
    message: {
      sequence: 0n,
      startMicros: 0n,
      seed: new Uint8Array(32),
      replayed: false,
      restoring: false,
      hostCalls: 'all',
    },
    host: { answer: () => new Uint8Array(), log: () => undefined },
    timeoutMs: 10_000,
  });
}

function tell(id: number): void {
  const message: FromThread = packResults([{ id, outcome: OK }]);
  channel.port2.postMessage(message);
}
