import { ActorError, ask, defineActor, HostError, sendAfter, tell } from '@plexspaces/actor';
import type { Context } from '@plexspaces/actor';
import { startActor, useFakeHost } from '@plexspaces/actor/testing';
import { beforeEach, describe, expect, it } from 'vitest';

interface Saved {
  readonly count: number;
}

const counter = defineActor({
  init: (saved: Saved | undefined) => ({ count: saved?.count ?? 0 }),
  handlers: {
    increment({ by = 1 }: { readonly by?: number } = {}, { state }) {
      state.count += by;
      return { count: state.count };
    },
    who: (_input, { from, method }) => [from, method],
    nothing: () => undefined,
    bytes: () => Uint8Array.of(1, 2),
    input: (input) => ({ input }),
    nan: () => ({ deep: [1, Number.NaN] }),
    later: () => Promise.resolve(1),
  },
  messages: {
    reset(_input, { state }) {
      state.count = 0;
    },
  },
  snapshot: (state) => state,
});

let host = useFakeHost();
beforeEach(() => {
  host = useFakeHost();
});

describe('defineActor', () => {
  it('sends a message to the handler of its name, and its value back', () => {
    const actor = startActor(counter);
    expect(actor.request('increment')).toEqual({ count: 1 });
    expect(actor.request('increment', { by: 4 })).toEqual({ count: 5 });
    expect(actor.request('who', {}, 'demo.Other/eve')).toEqual(['demo.Other/eve', 'who']);
    expect(actor.request('nothing')).toBeNull();
    expect([...counter.handleRequest('client', 'bytes', new Uint8Array())]).toEqual([1, 2]);
  });

  it('tells an empty payload from null', () => {
    const actor = startActor(counter);
    expect(actor.request('input')).toEqual({});
    expect(actor.request('input', null)).toEqual({ input: null });
  });

  it('goes on from its snapshot', () => {
    const actor = startActor(counter, { count: 7 });
    expect(actor.request('increment')).toEqual({ count: 8 });
    expect(actor.snapshot()).toEqual({ count: 8 });
    expect(startActor(counter).snapshot()).toEqual({ count: 0 });
  });

  it('sends messages to handlers where no other is there for them', () => {
    const actor = startActor(counter, { count: 7 });
    actor.message('increment', { by: 2 });
    expect(actor.snapshot()).toEqual({ count: 9 });
    actor.message('reset');
    expect(actor.snapshot()).toEqual({ count: 0 });
    expect(() => actor.message('toString')).toThrow("unknown method 'toString'");
  });

  it('gives what no handler takes to the functions for any', () => {
    const seen: string[] = [];
    const echo = defineActor({
      anyRequest: (payload) => payload,
      anyMessage: (payload, { method }: Context<unknown>) => seen.push(`${method} ${payload.length}`),
    });
    const actor = startActor(echo);
    expect([...echo.handleRequest('client', 'whatever', Uint8Array.of(0xff))]).toEqual([0xff]);
    actor.message('tick', [1]);
    expect(seen).toEqual(['tick 3']);
    expect(echo.snapshotState()).toBeNull();
  });

  it.each([
    ['an unknown method', 'nope', {}, ActorError, /unknown method 'nope': expected one of bytes, increment, input/],
    ['a number that JSON does not have', 'nan', {}, TypeError, /expected a finite number in 1, found NaN/],
    ['a promise, which nothing would settle', 'later', {}, TypeError, /later: expected a value, found a Promise/],
  ])('refuses %s', (_, method, input, type, message) => {
    const actor = startActor(counter);
    expect(() => actor.request(method, input)).toThrow(type);
    expect(() => actor.request(method, input)).toThrow(message);
  });

  it.each([
    [Buffer.from('{"a":'), 'payload: expected JSON, found "{\\"a\\":"'],
    [Buffer.from([0xff, 0x41]), 'payload: expected JSON, found ".A"'],
  ])('refuses a payload that is no JSON: %s', (payload, message) => {
    counter.init(new Uint8Array());
    expect(() => counter.handleRequest('client', 'increment', payload)).toThrow(message);
  });

  it('refuses a state that it has no init for', () => {
    expect(() => startActor(defineActor({}), { a: 1 })).toThrow('was given a state and defines no init');
  });
});

describe('the host', () => {
  it('is sent JSON, or bytes as they are', () => {
    tell('demo.Ledger/eve', 'paid', { cents: 100 });
    tell('demo.Ledger', 'bytes', Uint8Array.of(7));
    sendAfter(50, 'wake');
    expect(
      host.sent.map(({ to, messageType, payload }) => [to, messageType, Buffer.from(payload).toString('latin1')]),
    ).toEqual([
      ['demo.Ledger/eve', 'paid', '{"cents":100}'],
      ['demo.Ledger', 'bytes', '\u0007'],
    ]);
    expect(host.timers).toMatchObject([{ delayMs: 50, messageType: 'wake', payload: new Uint8Array() }]);
  });

  it('says no with a code', () => {
    host.answer = () => {
      // As the engine throws it.
      throw Object.assign(new Error('x'), {
        payload: 'FAILED_PRECONDITION: CALL_CYCLE: the ask would wait for itself',
      });
    };
    const asked = (): unknown => ask('demo.Prices', 'quote', 7);
    expect(asked).toThrow(HostError);
    expect(asked).toThrow(
      expect.objectContaining({
        code: 'FAILED_PRECONDITION',
        message: expect.stringMatching(/^FAILED_PRECONDITION: CALL_CYCLE/),
      }),
    );
    host.answer = (to, type, payload) => Buffer.from(JSON.stringify([to, type, Buffer.from(payload).toString()]));
    expect(asked()).toEqual(['demo.Prices', 'quote', '7']);
  });
});
