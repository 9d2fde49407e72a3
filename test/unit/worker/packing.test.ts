/** Calls and results that travel as messages: whatever is packed comes out the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packCall, packResult, unpackCall, unpackResult } from '../../../packages/worker/src/bridge/packing.ts';
import type { GuestCall, GuestOutcome, GuestTarget, MessageContext } from '../../../packages/worker/src/protocol.ts';

const text = fc.string({ unit: 'binary' });
/** Some are too many to travel as a string. */
const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array(20_000).fill(200)));
const micros = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const target: fc.Arbitrary<GuestTarget> = fc.oneof(
  fc.record({ export: fc.constant('init' as const), state: bytes }),
  fc.record({
    export: fc.constantFrom('handle-request' as const, 'handle-message' as const),
    fromActor: text,
    messageType: text,
    payload: bytes,
  }),
  fc.record({ export: fc.constantFrom('snapshot-state' as const, 'proven-snapshot' as const, 'shutdown' as const) }),
);

const message: fc.Arbitrary<MessageContext> = fc.record({
  sequence: micros,
  selfId: fc.option(text, { nil: undefined }),
  startMicros: micros,
  seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  replayed: fc.boolean(),
  restoring: fc.boolean(),
  hostCalls: fc.constantFrom('all' as const, 'log-only' as const),
});

const call: fc.Arbitrary<GuestCall> = fc.record({ id: fc.nat(), slot: fc.nat(), target, message });

const outcome: fc.Arbitrary<GuestOutcome> = fc.oneof(
  fc.record({ kind: fc.constant('ok' as const), payload: fc.option(bytes, { nil: undefined }), clockMicros: micros }),
  fc.record({ kind: fc.constant('guest-error' as const), message: text, clockMicros: micros }),
  fc.record({ kind: fc.constant('trap' as const), reason: fc.constant('TRAP' as const), message: text }),
);

const result = fc.record({ id: fc.nat(), outcome: fc.option(outcome, { nil: undefined }), wornAfter: fc.nat() });

describe('what is packed', () => {
  it('are calls, each as it was, also where their bytes are views', () => {
    fc.assert(
      fc.property(call, (each) => {
        expect(unpackCall(structuredClone(packCall(each)))).toEqual(each);
      }),
    );
  });

  it('are results, each as it was', () => {
    fc.assert(
      fc.property(result, (each) => {
        expect(unpackResult(structuredClone(packResult(each)))).toEqual(each);
      }),
    );
  });

  it('takes no more bytes than there are, whatever a view is a view of', () => {
    const payload = new Uint8Array(65_536).subarray(100, 110);
    const seed = new Uint8Array(32);
    const of: GuestCall = {
      id: 1,
      slot: 1,
      target: { export: 'init', state: payload },
      message: { sequence: 1n, startMicros: 1n, seed, replayed: false, restoring: false, hostCalls: 'all' },
    };
    expect(packCall(of).at(-1)).toHaveLength(42);
    const large = { ...of, target: { export: 'init', state: new Uint8Array(65_536).subarray(0, 20_000) } } as const;
    expect(packCall(large).at(-1)).toHaveProperty('buffer.byteLength', 20_032);
  });

  it('an answer holds on to no other bytes than its own', () => {
    const payload = new Uint8Array(8);
    const first = unpackResult(packResult({ id: 1, outcome: { kind: 'ok', payload, clockMicros: 1n }, wornAfter: 0 }));
    expect(first.outcome).toHaveProperty('payload.buffer.byteLength', 8);
  });
});
