import { describe, expect, it } from 'vitest';
import { SentCalls } from '../../../packages/runtime/src/pool/sent-calls.ts';
import { MAX_CALL_ID, MAX_SENT_CALLS } from '../../../packages/worker/src/index.ts';

interface Sent {
  id: number;
  readonly name: string;
}

function send(calls: SentCalls<Sent>, name: string): Sent {
  const call = { id: 0, name };
  calls.add(call);
  return call;
}

describe('SentCalls', () => {
  it('finds a call by its number, and no other one in its place', () => {
    const calls = new SentCalls<Sent>();
    const first = send(calls, 'first');
    expect(calls.get(first.id)).toBe(first);
    expect(calls.get(first.id + MAX_SENT_CALLS)).toBeUndefined();
    calls.delete(first);
    expect(calls.get(first.id)).toBeUndefined();
    expect(calls.size).toBe(0);
  });

  it('is full when the place of the next call is taken, and has room as soon as the oldest one ends', () => {
    const calls = new SentCalls<Sent>();
    const oldest = send(calls, 'oldest');
    for (let index = 1; index < MAX_SENT_CALLS; index += 1) {
      expect(calls.isFull).toBe(false);
      send(calls, `call ${index}`);
    }
    expect(calls.isFull).toBe(true);
    calls.delete(oldest);
    expect(calls.isFull).toBe(false);
  });

  it('tells its calls in the order in which they were sent, also where numbers have gone round the places', () => {
    const calls = new SentCalls<Sent>();
    for (let index = 0; index < MAX_SENT_CALLS - 2; index += 1) calls.delete(send(calls, 'gone'));
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) send(calls, name);
    expect(calls.all().map(({ name }) => name)).toEqual(names);
    calls.clear();
    expect(calls.all()).toEqual([]);
    expect(calls.size).toBe(0);
  });

  it('goes on behind the largest number with the place that follows', () => {
    const calls = new SentCalls<Sent>(MAX_CALL_ID);
    const [last, next] = [send(calls, 'last'), send(calls, 'next')];
    expect(last.id).toBe(MAX_CALL_ID);
    expect(next.id % MAX_SENT_CALLS).toBe((last.id + 1) % MAX_SENT_CALLS);
    expect(next.id).toBeGreaterThan(0);
    expect(calls.all()).toEqual([last, next]);
  });
});
