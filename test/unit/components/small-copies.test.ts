/** Bytes that leave a guest's memory: copies of their own contents, whatever lies beside them. */
import { describe, expect, it } from 'vitest';
import { smallCopies } from '../../../packages/runtime/src/components/small-copies.ts';

interface Code {
  readonly take: (memory: { readonly buffer: ArrayBuffer }, at: number, length: number) => Uint8Array;
}

const GENERATED = `export function take(memory0, ptr3, len3) {
  var result3 = new Uint8Array(memory0.buffer.slice(ptr3, ptr3 + len3 * 1));
  return result3;
}`;
/** More than one block of them. */
const MANY = 400;

async function load(code: string): Promise<Code> {
  return await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
}

describe('copies', () => {
  it.each([0, 1, 100, 1024, 1025, 40_000])('of %s bytes keep what was there when they were made', async (length) => {
    const { take } = await load(smallCopies(GENERATED));
    const memory = { buffer: new ArrayBuffer(65_536) };
    const all = new Uint8Array(memory.buffer);
    const copies = Array.from({ length: MANY }, (_, index) => {
      all.fill(index);
      return take(memory, 8, length);
    });
    expect(copies.map((copy) => copy.length)).toEqual(copies.map(() => length));
    expect(copies.every((copy, index) => copy.every((byte) => byte === index % 256))).toBe(true);
  });

  it('are told by their length alone: a range outside of the memory is an error', async () => {
    const { take } = await load(smallCopies(GENERATED));
    const memory = { buffer: new ArrayBuffer(64) };
    expect(take(memory, 0, 64)).toHaveLength(64);
    expect(() => take(memory, 1, 64)).toThrow(RangeError);
    expect((await load(GENERATED)).take(memory, 1, 64)).toHaveLength(63); // what the generator's own code does
  });

  it.each([
    ['a copy of a whole buffer', 'new Uint8Array(memory0.buffer.slice())'],
    ['a copy to the end', 'new Uint8Array(memory0.buffer.slice(1))'],
    ['another kind of array', 'new Uint32Array(memory0.buffer.slice(1, 2))'],
    ['a part of an array', 'new Uint8Array(values.slice(1, 2))'],
    ['a name of ours', 'new Uint8Array($copy.buffer.slice(1, 2))'],
  ])('are not made of %s', (_what, expression) => {
    const code = `export const take = (memory0, values) => ${expression};`;
    expect(smallCopies(code)).toBe(code);
  });
});
