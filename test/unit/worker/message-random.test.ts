/** A message's randomness is its seed's, and nothing else's. */
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomBytes, randomU64 } from '../../../packages/worker/src/message-random.ts';
import { MessageSeed } from '../../../packages/worker/src/message-seed.ts';

const anySeed = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('randomness of a message', () => {
  it('is the same for the same seed, however it is drawn', () => {
    fc.assert(
      fc.property(anySeed, fc.array(fc.nat({ max: 300 }), { maxLength: 8 }), (seed, sizes) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const whole = hex(randomBytes(seeded(seed), BigInt(total)));
        const begun = seeded(seed);
        expect(sizes.map((size) => hex(randomBytes(begun, BigInt(size)))).join('')).toBe(whole);
      }),
    );
  });

  it('is another one for another seed', () => {
    fc.assert(
      fc.property(anySeed, fc.nat({ max: 31 }), (seed, at) => {
        const changed = Uint8Array.from(seed, (byte, index) => (index === at ? byte ^ 1 : byte));
        expect(hex(randomBytes(seeded(seed), 16n))).not.toBe(hex(randomBytes(seeded(changed), 16n)));
      }),
    );
  });

  it('begins anew with the next message', () => {
    const seed = seeded(new Uint8Array(32));
    const first = randomU64(seed);
    expect(randomU64(seed)).not.toBe(first);
    seed.reset(new Uint8Array(32));
    expect(randomU64(seed)).toBe(first);
  });

  it('is the key stream of RFC 8439, appendix A.1, test vector 1', () => {
    expect(hex(randomBytes(seeded(new Uint8Array(32)), 16n))).toBe('76b8e0ada0f13d90405d6ae55386bd28');
  });

  it('is the stream that the cipher of OpenSSL gives, for journals that were written with it', () => {
    fc.assert(
      fc.property(anySeed, fc.nat({ max: 200 }), fc.nat({ max: 200 }), (seed, first, second) => {
        const stream = createCipheriv('chacha20', seed, new Uint8Array(16)).update(new Uint8Array(first + second));
        const begun = seeded(seed);
        const drawn = [randomBytes(begun, BigInt(first)), randomBytes(begun, BigInt(second))];
        expect(hex(Buffer.concat(drawn))).toBe(hex(stream));
      }),
    );
  });

  it('is bounded for each draw, and there is none outside a message', () => {
    const seed = seeded(new Uint8Array(32));
    expect(randomBytes(seed, 1_048_576n)).toHaveLength(1_048_576);
    expect(() => randomBytes(seed, 1_048_577n)).toThrow(/expected at most 1048576, found 1048577/);
    expect(() => randomBytes(seed, 2n ** 64n - 1n)).toThrow(/RESOURCE_EXHAUSTED|at most/);
    expect(() => randomU64(new MessageSeed())).toThrow(/outside a message/);
  });
});

function seeded(bytes: Uint8Array): MessageSeed {
  const seed = new MessageSeed();
  seed.reset(bytes);
  return seed;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
