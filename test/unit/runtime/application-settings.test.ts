/** What a manifest says of messages that come again, and what of it is refused by name. */
import { Manifest } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { resolveSettings } from '../../../packages/runtime/src/actors/application-settings.ts';

const TICK = { intervalMs: 10n, messageType: 'tick' };

describe('every', () => {
  it('is what the manifest says, up to 16 of them', () => {
    const payload = new TextEncoder().encode('{"a":1}');
    const every = [
      { ...TICK, payload },
      { intervalMs: 31_536_000_000n, messageType: 'x'.repeat(256) },
    ];
    expect(everyOf(every)).toEqual([
      { intervalMs: 10, messageType: 'tick', payload },
      { intervalMs: 31_536_000_000, messageType: 'x'.repeat(256), payload: new Uint8Array() },
    ]);
    expect(everyOf(Array.from({ length: 16 }, () => TICK))).toHaveLength(16);
    expect(resolveSettings('a', undefined).every).toEqual([]);
  });

  it.each<[string, object[], RegExp]>([
    ['17 entries', Array.from({ length: 17 }, () => TICK), /^every: entries: expected 0 to 16, found 17/],
    [
      'a short interval',
      [TICK, { ...TICK, intervalMs: 9n }],
      /^every\[1\]\.intervalMs: expected 10 to 31536000000, found 9/,
    ],
    ['a long interval', [{ ...TICK, intervalMs: 31_536_000_001n }], /^every\[0\]\.intervalMs: .* found 31536000001/],
    ['no message type', [{ intervalMs: 10n }], /^every\[0\]\.messageType: characters: expected 1 to 256, found 0/],
    [
      'a large payload',
      [{ ...TICK, payload: new Uint8Array(262_145) }],
      /^every\[0\]\.payload: bytes: .* 262144, found/,
    ],
  ])('with %s is refused', (_what, every, message) => {
    expect(() => everyOf(every)).toThrow(message);
  });
});

function everyOf(every: object[]): ReturnType<typeof resolveSettings>['every'] {
  return resolveSettings('a', Manifest.fromPartial({ every })).every;
}
