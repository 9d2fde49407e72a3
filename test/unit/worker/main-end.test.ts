import { availableParallelism } from 'node:os';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Busyness, isCoreLeftForMain } from '../../../packages/worker/src/bridge/busy-threads.ts';
import {
  createBridgeBuffer,
  headerCells,
  RESULTS_RING,
  THREAD_STATE_CELL,
} from '../../../packages/worker/src/bridge/layout.ts';
import { MainEnd } from '../../../packages/worker/src/bridge/main-end.ts';
import { writeResult } from '../../../packages/worker/src/bridge/records.ts';
import { RingWriter } from '../../../packages/worker/src/bridge/ring.ts';
import { SideState } from '../../../packages/worker/src/bridge/wake-up.ts';
import type { GuestCall } from '../../../packages/worker/src/protocol.ts';

const CORES = availableParallelism();
const MORE_THAN_LATE_MS = 3;

/** A main end whose thread is played: it is awake, writes results and wakes nobody. */
class Played implements Disposable {
  readonly #channel = new MessageChannel();
  readonly #bridge = createBridgeBuffer();
  readonly #results = new RingWriter(this.#bridge, headerCells(this.#bridge), RESULTS_RING);
  readonly end: MainEnd;
  readonly found: number[] = [];
  readonly #others: Busyness[] = [];

  constructor() {
    Atomics.store(headerCells(this.#bridge), THREAD_STATE_CELL, SideState.AWAKE);
    this.end = new MainEnd(this.#channel.port1, this.#bridge, {
      onResult: ({ id }) => this.found.push(id),
      onResults: () => undefined,
      onLine: () => undefined,
      onHostCall: () => undefined,
    });
  }

  tell(id: number): void {
    writeResult(this.#results, { id, outcome: { kind: 'ok', payload: undefined, clockMicros: 1n }, wornAfter: 0 });
  }

  /** Other threads that run calls. */
  besides(count: number): void {
    for (let made = 0; made < count; made += 1) {
      const other = new Busyness();
      other.set(true);
      this.#others.push(other);
    }
  }

  [Symbol.dispose](): void {
    for (const other of this.#others) other.set(false);
    this.end.readLeft();
    this.#channel.port1.close();
  }
}

describe('the main end', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('finds a result that waits for company, while a call behind it runs', () => {
    using played = new Played();
    played.end.send(callOf(1), false);
    played.end.send(callOf(2), false);
    played.tell(1);
    expect(played.found).toEqual([]);
    vi.advanceTimersByTime(MORE_THAN_LATE_MS);
    expect(played.found).toEqual([1]);
  });

  it('looks for nothing as long as one call is under way: its result does not wait', () => {
    using played = new Played();
    played.end.send(callOf(1), false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('looks on as long as more than one call is under way, and no longer', () => {
    using played = new Played();
    for (const id of [1, 2, 3]) played.end.send(callOf(id), false);
    for (const id of [1, 2]) {
      played.tell(id);
      vi.advanceTimersByTime(MORE_THAN_LATE_MS);
    }
    expect(played.found).toEqual([1, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('looks for the end of a short call where a core is left for it', () => {
    using played = new Played();
    played.besides(CORES - 2);
    played.end.send(callOf(1), true);
    expect(vi.getTimerCount()).toBe(CORES > 1 ? 1 : 0);
  });

  it('does not where the threads need all cores', () => {
    using played = new Played();
    played.besides(CORES - 1);
    played.end.send(callOf(1), true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('counts a thread whose guest waits among those that need no core', () => {
    using played = new Played();
    played.besides(CORES - 1);
    played.end.send(callOf(1), false);
    expect(isCoreLeftForMain()).toBe(false);
    played.end.guestWaits(true);
    expect(isCoreLeftForMain()).toBe(true);
    played.end.guestWaits(false);
    expect(isCoreLeftForMain()).toBe(false);
  });
});

function callOf(id: number): GuestCall {
  const message = {
    sequence: 0n,
    startMicros: 1n,
    selfId: undefined,
    seed: new Uint8Array(32),
    replayed: false,
    restoring: false,
    hostCalls: 'all',
  } as const;
  const target = { export: 'handle-request', fromActor: 'client', messageType: 'echo', payload: new Uint8Array(1) };
  return { id, slot: 1, message, target: { ...target, export: 'handle-request' } };
}
