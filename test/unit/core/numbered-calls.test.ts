/** Calls by numbers, against a Map: what comes late finds nothing, however often its place was taken again. */
import { NumberedCalls } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

interface Call {
  id: number;
}

/** So many calls come, then so many go, from one of those on that are there, and one that may be long over. */
const anyHistory = fc.array(fc.record({ come: fc.nat(60), go: fc.nat(60), from: fc.nat(1_000), late: fc.nat(1_000) }), {
  size: 'max',
  maxLength: 100,
});

describe('NumberedCalls', () => {
  it('has what a Map has, under numbers that go up', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const calls = new NumberedCalls<Call>();
        const model = new Map<number, Call>();
        let lastId = 0;
        for (const { come, go, from, late } of history) {
          for (let count = 0; count < come; count += 1) {
            const { id } = add(calls, model);
            expect(id).toBeGreaterThan(lastId);
            lastId = id;
          }
          const first = from % Math.max(1, model.size);
          for (const id of [...[...model.keys()].slice(first, first + go), late]) {
            expect(calls.take(id)).toBe(model.get(id));
            model.delete(id);
          }
          expect(calls.size).toBe(model.size);
        }
        expect(new Set(calls.all())).toEqual(new Set(model.values()));
      }),
    );
  });

  it('finds nothing by a number that is over, whoever has its place', () => {
    const calls = new NumberedCalls<Call>();
    const over = add(calls);
    calls.take(over.id);
    for (let round = 0; round < 1_000; round += 1) {
      const { id } = add(calls);
      expect(calls.take(over.id)).toBeUndefined();
      expect(calls.take(id)?.id).toBe(id);
      expect(calls.take(id)).toBeUndefined();
    }
  });

  it('leaves out the places of calls that stay', () => {
    const calls = new NumberedCalls<Call>();
    const staying = Array.from({ length: 40 }, () => add(calls));
    for (let round = 0; round < 1_000; round += 1) calls.take(add(calls).id);
    for (const call of staying) expect(calls.take(call.id)).toBe(call);
    expect(calls.size).toBe(0);
  });
});

function add(calls: NumberedCalls<Call>, model?: Map<number, Call>): Call {
  const call = { id: 0 };
  calls.add(call);
  model?.set(call.id, call);
  return call;
}
