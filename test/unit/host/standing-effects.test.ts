/** Which recorded host calls count as effects that stand, and how many of them are shown. */
import type { HostCall } from '@plexspaces/proto';
import { encodeHostReply } from '@plexspaces/worker';
import type { HostReply } from '@plexspaces/worker';
import { describe, expect, it } from 'vitest';
import { StandingEffects } from '../../../packages/runtime/src/host/standing-effects.ts';

const UNIT = { type: 'unit' } as const;
const NONE = { type: 'none' } as const;
const TUPLE = { type: 'tuple', tuple: [{ type: 'null' }] } as const;
const COUNT = { type: 'u64', value: 1n } as const;

function call(name: string, reply: HostReply): HostCall {
  return { function: name, argumentsDigest: new Uint8Array(32), reply: encodeHostReply(reply) };
}

describe('a host call', () => {
  it.each([
    ['tuplespace-write', UNIT, 1],
    ['tuplespace-take', TUPLE, 1],
    ['tuplespace-take', NONE, 0],
    ['tuplespace-read', TUPLE, 0],
    ['tuplespace-count', COUNT, 0],
    ['state-put', COUNT, 1],
    ['state-put', NONE, 0],
    ['state-delete', { type: 'bool', value: true }, 1],
    ['state-delete', { type: 'bool', value: false }, 0],
    ['state-get', NONE, 0],
    ['send-after', COUNT, 1],
    ['cancel-timer', { type: 'bool', value: true }, 1],
    ['cancel-timer', { type: 'bool', value: false }, 0],
    ['checkpoint', UNIT, 0],
    ['of a later version', UNIT, 1],
  ] as const)('%s that answered %o counts as %i', (name, value, counted) => {
    const effects = new StandingEffects();
    effects.add(7n, call(name, { ok: true, value, durationMicros: 1 }));
    expect(effects.count).toBe(counted);
    expect(effects.shown).toEqual(counted === 1 ? [{ sequence: 7n, function: name }] : []);
  });

  it('that answered an error changed nothing', () => {
    const effects = new StandingEffects();
    const reply = { ok: false, code: 'RESOURCE_EXHAUSTED', message: 'full', durationMicros: 1 } as const;
    effects.add(7n, call('tuplespace-write', reply));
    expect(effects.count).toBe(0);
  });
});

describe('many of them', () => {
  it('are counted, and the first hundred shown', () => {
    const effects = new StandingEffects();
    const write = call('tuplespace-write', { ok: true, value: UNIT, durationMicros: 1 });
    for (let sequence = 1n; sequence <= 101n; sequence += 1n) effects.add(sequence, write);
    expect(effects.count).toBe(101);
    expect(effects.shown.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 100 }, (_none, index) => BigInt(index + 1)),
    );
  });
});
