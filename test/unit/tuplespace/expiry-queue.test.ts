/** The heap of leases, and the memory that it takes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpiryQueue } from '../../../packages/runtime/src/tuplespace/expiry-queue.ts';
import type { StoredTuple } from '../../../packages/runtime/src/tuplespace/stored-tuple.ts';

describe('the queue of leases', () => {
  it('gives what is due in the order of time, each once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 }), { maxLength: 200, size: 'max' }), fc.nat({ max: 50 }), (times, now) => {
        const queue = new ExpiryQueue();
        for (const expiresAtMs of times) add(queue, expiresAtMs);
        expect(dueTimes(queue, now)).toEqual(times.filter((time) => time <= now).toSorted((a, b) => a - b));
      }),
    );
  });

  it('goes by the newest lease of a tuple', () => {
    const queue = new ExpiryQueue();
    const stored = add(queue, 10);
    renew(queue, stored, 20);
    add(queue, 15);
    expect(dueTimes(queue, 19)).toEqual([15]);
    expect(dueTimes(queue, 20)).toEqual([20]);
  });

  it('passes over what was taken', () => {
    const queue = new ExpiryQueue();
    queue.drop(add(queue, 10));
    expect(queue.due(100)).toBeUndefined();
  });

  it('takes no memory for leases that were renewed or taken', () => {
    const queue = new ExpiryQueue();
    const stored = add(queue, 1);
    for (let time = 2; time < 10_000; time += 1) renew(queue, stored, time);
    expect(queue.length).toBeLessThan(100);
    for (let time = 0; time < 10_000; time += 1) queue.drop(add(queue, 20_000 + time));
    expect(queue.length).toBeLessThan(100);
    expect(dueTimes(queue, 9_999)).toEqual([9_999]);
  });
});

function add(queue: ExpiryQueue, expiresAtMs: number): StoredTuple {
  const lease = { expiresAtMs, writer: '', writtenAt: new Date(0) };
  const stored: StoredTuple = { number: 1n, tuple: [], bytes: 1, lease, links: [] };
  queue.add(stored, lease, false);
  return stored;
}

function renew(queue: ExpiryQueue, stored: StoredTuple, expiresAtMs: number): void {
  const lease = { expiresAtMs, writer: '', writtenAt: new Date(0) };
  stored.lease = lease;
  queue.add(stored, lease, true);
}

function dueTimes(queue: ExpiryQueue, nowMs: number): number[] {
  const times: number[] = [];
  for (let due = queue.due(nowMs); due !== undefined; due = queue.due(nowMs)) {
    times.push(due.lease?.expiresAtMs ?? NaN);
    queue.drop(due);
  }
  return times;
}
