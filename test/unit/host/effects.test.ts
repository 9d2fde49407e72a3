/** What a message that failed is said to have done. */
import type { HostCall, HostValue } from '@plexspaces/worker';
import { encodeHostCall, encodeHostReply } from '@plexspaces/worker';
import { describe, expect, it } from 'vitest';
import { describeEffects } from '../../../packages/runtime/src/host/effects.ts';
import type { AnsweredHostCall } from '../../../packages/runtime/src/host/effects.ts';

const TUPLE = [{ type: 'int', value: 1n }] as const;
const BODY = { messageType: 'wake', payload: Buffer.from('a secret') };
const ANY = [{ match: 'any' }] as const;
const PUT = { function: 'state-put', key: 'k', value: BODY.payload, ifVersion: undefined, ttlMs: undefined } as const;

describe('an effect', () => {
  it.each<[HostCall, HostValue, string]>([
    [{ function: 'tuplespace-write', tuple: TUPLE }, { type: 'unit' }, 'tuplespace-write [1]'],
    [{ function: 'tuplespace-take', pattern: ANY }, { type: 'tuple', tuple: TUPLE }, 'tuplespace-take [1]'],
    [PUT, { type: 'u64', value: 9n }, 'state-put "k"'],
    [
      { function: 'state-delete', key: 'k\n', ifVersion: undefined },
      { type: 'bool', value: true },
      'state-delete "k\\n"',
    ],
    [{ function: 'send-after', delayMs: 5n, ...BODY }, { type: 'u64', value: 3n }, 'send-after "wake" in 5 ms'],
    [{ function: 'cancel-timer', timer: 3n }, { type: 'bool', value: true }, 'cancel-timer 3'],
  ])('of %o that answered %o is one line', (call, value, line) => {
    expect(describeEffects([answered(call, value)])).toEqual([line]);
  });

  it('is none where nothing changed', () => {
    expect(describeEffects([answered(PUT, { type: 'none' })])).toEqual([]);
  });
});

function answered(call: HostCall, value: HostValue): AnsweredHostCall {
  const reply = encodeHostReply({ ok: true, value, durationMicros: 1 });
  return {
    record: { function: call.function, argumentsDigest: new Uint8Array(), reply },
    request: encodeHostCall(call),
  };
}
