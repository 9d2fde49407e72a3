/** A message's randomness is its seed's, and nothing else's. */
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageRandom } from '../../../packages/worker/src/message-random.ts';

const anySeed = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('randomness of a message', () => {
  it('is the same for the same seed, however it is drawn', () => {
    fc.assert(
      fc.property(anySeed, fc.array(fc.nat({ max: 300 }), { maxLength: 8 }), (seed, sizes) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const whole = hex(seeded(seed).bytes(BigInt(total)));
        const random = seeded(seed);
        expect(sizes.map((size) => hex(random.bytes(BigInt(size)))).join('')).toBe(whole);
      }),
    );
  });

  it('is another one for another seed', () => {
    fc.assert(
      fc.property(anySeed, fc.nat({ max: 31 }), (seed, at) => {
        const changed = Uint8Array.from(seed, (byte, index) => (index === at ? byte ^ 1 : byte));
        expect(hex(seeded(seed).bytes(16n))).not.toBe(hex(seeded(changed).bytes(16n)));
      }),
    );
  });

  it('begins anew with the next message', () => {
    const random = seeded(new Uint8Array(32));
    const first = random.u64();
    expect(random.u64()).not.toBe(first);
    random.reset(new Uint8Array(32));
    expect(random.u64()).toBe(first);
  });

  it('is the key stream of RFC 8439, appendix A.1, test vector 1', () => {
    expect(hex(seeded(new Uint8Array(32)).bytes(16n))).toBe('76b8e0ada0f13d90405d6ae55386bd28');
  });

  it('is the stream that the cipher of OpenSSL gives, for journals that were written with it', () => {
    fc.assert(
      fc.property(anySeed, fc.nat({ max: 200 }), fc.nat({ max: 200 }), (seed, first, second) => {
        const stream = createCipheriv('chacha20', seed, new Uint8Array(16)).update(new Uint8Array(first + second));
        const random = seeded(seed);
        const drawn = [random.bytes(BigInt(first)), random.bytes(BigInt(second))];
        expect(hex(Buffer.concat(drawn))).toBe(hex(stream));
      }),
    );
  });

  it('is bounded for each draw, and there is none outside a message', () => {
    const random = seeded(new Uint8Array(32));
    expect(random.bytes(1_048_576n)).toHaveLength(1_048_576);
    expect(() => random.bytes(1_048_577n)).toThrow(/expected at most 1048576, found 1048577/);
    expect(() => random.bytes(2n ** 64n - 1n)).toThrow(/RESOURCE_EXHAUSTED|at most/);
    expect(() => new MessageRandom().u64()).toThrow(/outside a message/);
  });
});

function seeded(seed: Uint8Array): MessageRandom {
  const random = new MessageRandom();
  random.reset(seed);
  return random;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
