/** What becomes of the calls into a thread that ends: the thread's half is played by the test. */
import { MessageChannel } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import { createBridgeBuffer, headerCells } from '@plexspaces/worker';
import type { FromThread, GuestOutcome } from '@plexspaces/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOT_STARTED, ThreadCalls } from '../../../packages/runtime/src/pool/thread-calls.ts';
import { packResults } from '../../../packages/worker/src/bridge/packing.ts';
import { markRunning } from '../../../packages/worker/src/bridge/status.ts';

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
  const message: FromThread = { type: 'results', results: packResults([{ id, outcome: OK }]) };
  channel.port2.postMessage(message);
}
