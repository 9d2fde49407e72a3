/** How calls travel into a thread, and what becomes of them when it ends: the thread's half is played by the test. */
import { getEventListeners } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import { createBridgeBuffer, headerCells } from '@plexspaces/worker';
import type { GuestOutcome, GuestResult } from '@plexspaces/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOT_STARTED, ThreadCalls } from '../../../packages/runtime/src/pool/thread-calls.ts';
import type { WorkerCall } from '../../../packages/runtime/src/pool/thread-calls.ts';
import { claimCall } from '../../../packages/worker/src/bridge/claims.ts';
import { CALLS_RING, RESULTS_RING } from '../../../packages/worker/src/bridge/layout.ts';
import { packResult } from '../../../packages/worker/src/bridge/packing.ts';
import { CallReader, writeResult } from '../../../packages/worker/src/bridge/records.ts';
import { RingReader, RingWriter } from '../../../packages/worker/src/bridge/ring.ts';
import { markCallLength, markRunning } from '../../../packages/worker/src/bridge/status.ts';
import { WAKE } from '../../../packages/worker/src/protocol.ts';

const OK: GuestOutcome = { kind: 'ok', payload: undefined, clockMicros: 1n };
const DEATH = new PlexSpacesError('RESOURCE_EXHAUSTED', 'the heap is full');

let channel: MessageChannel;
let bridge: SharedArrayBuffer;
let calls: ThreadCalls;
let sent: RingReader;
let told: RingWriter;

beforeEach(() => {
  channel = new MessageChannel();
  bridge = createBridgeBuffer();
  sent = new RingReader(bridge, headerCells(bridge), CALLS_RING);
  told = new RingWriter(bridge, headerCells(bridge), RESULTS_RING);
  calls = new ThreadCalls({
    port: channel.port1,
    bridge,
    onTrap: () => undefined,
    onWorn: () => undefined,
    onWait: () => undefined,
    onWaitEnd: () => undefined,
    onFault: () => undefined,
  });
});

afterEach(() => {
  calls.end(DEATH);
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

describe('results', () => {
  it('are read by whichever way they come', async () => {
    const outcomes = [call(), call(), call({ target: { export: 'init', state: new Uint8Array(100_000) } })];
    expect(sentCalls()).toEqual([1, 2]);
    tell(1);
    channel.port2.postMessage(packResult({ id: 2, outcome: OK, wornAfter: 0 }));
    await expect(Promise.all(outcomes.slice(0, 2))).resolves.toEqual([OK, OK]);
    expect(sentCalls()).toEqual([undefined]); // the mark of what came as a message
    channel.port2.postMessage(packResult({ id: 3, outcome: OK, wornAfter: 0 }));
    await expect(outcomes[2]).resolves.toEqual(OK);
  });

  it('of calls before a message are known before it', async () => {
    const lines: string[] = [];
    const first = { resolve: () => void lines.push('first ended'), reject: () => undefined };
    calls.start(workerCall(), first);
    const log = (): void => void lines.push('second logged');
    ignored(call({ host: { answer: () => new Uint8Array(), log } }));
    writeResult(told, { id: 1, outcome: OK, wornAfter: 0 });
    const line = { source: 'log', level: 'info', text: '', droppedBytes: 0 } as const;
    channel.port2.postMessage({ line, id: 2 });
    channel.port2.postMessage({ line, id: 1 }); // it came too late, and is nobody else's
    await nextTurn();
    await nextTurn(); // two messages, which may be read in turns of their own
    expect(lines).toEqual(['first ended', 'second logged']);
  });
});

describe('calls that find the ring full', () => {
  beforeEach(() => markCallLength(headerCells(bridge), 1)); // they are short, so that more than two may be sent

  it('come behind the others as soon as the thread has read some', async () => {
    const state = new Uint8Array(16_000);
    const ends = Array.from({ length: 10 }, () => call({ target: { export: 'init', state } }));
    const found: (number | undefined)[] = [];
    for (const [index, end] of ends.entries()) {
      found.push(...sentCalls(1));
      tell(index + 1);
      await end;
    }
    expect(found).toEqual(ends.map((_end, index) => index + 1));
  });
});

describe('calls that wait in the thread', () => {
  it('are as many as they are short', () => {
    const cells = headerCells(bridge);
    const behind = [0, 10, 200, 500].map((micros) => {
      markCallLength(cells, micros);
      return calls.mostBehind;
    });
    expect(behind).toEqual([0, 63, 15, 0]);
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
    tell(1, { outcome: undefined });
    await expect(passedOver).rejects.toMatchObject({ reason: NOT_STARTED });
  });
});

describe('a signal that outlives its calls', () => {
  it.each<[how: string, left: number, end: (caller: AbortController) => void]>([
    ['answered', 2, () => tell(1)],
    ['passed over', 2, () => tell(1, { outcome: undefined })],
    ['taken back for another reason', 0, () => calls.takeBackAll(DEATH)],
    ['taken back by it', 0, (caller) => caller.abort(DEATH)],
    ['ended with the thread', 0, () => calls.end(DEATH)],
  ])('keeps nothing of those that were %s', async (_how, left, end) => {
    const caller = new AbortController();
    const { signal } = caller;
    const first = call({ signal });
    for (const each of [first, call({ signal }), call({ signal })]) ignored(each); // the thread has two of them, one waits
    expect(getEventListeners(signal, 'abort')).toHaveLength(3);
    end(caller);
    await Promise.allSettled([first]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(left);
  });

  it('keeps nothing of those that were refused', async () => {
    const { signal } = new AbortController();
    calls.end(DEATH);
    await expect(call({ signal })).rejects.toMatchObject({ reason: NOT_STARTED });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

/** The numbers of the calls that lie in the ring; undefined: a mark. */
function sentCalls(most = Infinity): (number | undefined)[] {
  const reader = new CallReader(sent);
  const found: (number | undefined)[] = [];
  for (let at = sent.next(); at !== undefined; at = found.length < most ? sent.next() : undefined) {
    found.push(reader.read(at)?.id);
    sent.release();
  }
  return found;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The test ends before it does. */
function ignored(end: Promise<GuestOutcome>): void {
  end.catch(() => undefined);
}

function call(other: Partial<WorkerCall> = {}): Promise<GuestOutcome> {
  return calls.call({ ...workerCall(), ...other });
}

function workerCall(): WorkerCall {
  return {
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
  };
}

function tell(id: number, { outcome }: Pick<GuestResult, 'outcome'> = { outcome: OK }): void {
  writeResult(told, { id, outcome, wornAfter: 0 });
  channel.port2.postMessage(WAKE);
}
