/** What a manifest says of messages that come again and of limits, and what of it is refused by name. */
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

describe('limits', () => {
  it.each<[string, object, number, number, number]>([
    ['limits.memoryBytes', { limits: { memoryBytes: 0n } }, 65_536, 4_294_967_296, 0],
    ['limits.callMs', { limits: { callMs: 0n } }, 1, 86_400_000, 0],
    ['limits.cpuMs', { limits: { cpuMs: 9n } }, 10, 86_400_000, 9],
    ['limits.cpuMs', { limits: { cpuMs: 86_400_001n } }, 10, 86_400_000, 86_400_001],
    ['limits.payloadBytes', { limits: { payloadBytes: 0n } }, 1, 67_108_864, 0],
    ['limits.replyBytes', { limits: { replyBytes: 67_108_865n } }, 1, 67_108_864, 67_108_865],
    ['limits.heapBytes', { limits: { heapBytes: 1n } }, 33_554_432, 4_294_967_296, 1],
    ['limits.stackBytes', { limits: { stackBytes: 1n } }, 1_048_576, 67_108_864, 1],
    ['limits.logBytesPerSecond', { limits: { logBytesPerSecond: 104_857_601n } }, 0, 104_857_600, 104_857_601],
    ['workers.max', { workers: { max: 257 } }, 1, 256, 257],
    ['workers.queueLimit', { workers: { queueLimit: 1_000_001 } }, 0, 1_000_000, 1_000_001],
    ['workers.residentActors', { workers: { residentActors: 10_001 } }, 1, 10_000, 10_001],
    ['workers.max times workers.residentActors', { workers: { max: 11, residentActors: 10_000 } }, 1, 100_000, 110_000],
  ])(
    '%s outside its range is refused with that name, what was expected and what was found',
    (name, manifest, least, most, found) => {
      const refused = (): unknown => resolveSettings('a', Manifest.fromPartial(manifest));
      expect(refused).toThrow(`${name}: expected ${least} to ${most}, found ${found}`);
    },
  );

  it('have defaults', () => {
    expect(resolveSettings('a', undefined).limits).toEqual({
      memoryBytes: 268_435_456,
      callMs: 30_000,
      cpuMs: 30_000,
      payloadBytes: 4_194_304,
      replyBytes: 4_194_304,
      heapBytes: 134_217_728,
      stackBytes: 4_194_304,
      logBytesPerSecond: 65_536,
    });
  });
});

function everyOf(every: object[]): ReturnType<typeof resolveSettings>['every'] {
  return resolveSettings('a', Manifest.fromPartial({ every })).every;
}
