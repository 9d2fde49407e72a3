import { describe, expect, it } from 'vitest';
import { SmallCopies } from '../../../packages/worker/src/bridge/small-copies.ts';

const SMALL = 100;
const LARGE = 2000;

function shared(length: number): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(length));
  for (let index = 0; index < length; index += 1) bytes[index] = index % 251;
  return bytes;
}

describe('SmallCopies', () => {
  it('copies the range, so that what is written to the original later is not seen', () => {
    const [original, copies] = [shared(SMALL), new SmallCopies()];
    const copy = copies.copy(original, 10, 5);
    original.fill(0);
    expect([...copy]).toEqual([10, 11, 12, 13, 14]);
  });

  it('never lets two copies overlap, however many blocks they fill', () => {
    const [original, copies] = [shared(SMALL), new SmallCopies()];
    const made = Array.from({ length: 1000 }, () => copies.copy(original, 0, SMALL));
    for (const [index, copy] of made.entries()) copy.fill(index % 256);
    for (const [index, copy] of made.entries()) expect(copy.every((byte) => byte === index % 256)).toBe(true);
    expect(new Set(made.map(({ buffer }) => buffer)).size).toBeLessThan(20);
  });

  it('gives a long one a buffer of its own, which is not shared', () => {
    const copy = new SmallCopies().copy(shared(LARGE), 0, LARGE);
    expect(copy.buffer).toBeInstanceOf(ArrayBuffer);
    expect(copy.buffer.byteLength).toBe(LARGE);
  });
});
