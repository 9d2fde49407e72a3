/** The maximum that is written into a core module is one that V8 keeps. */
import { describe, expect, it } from 'vitest';
import { limitMemories, memoriesOf, pagesOf } from '../../../packages/runtime/src/components/memory-limit.ts';
import { coreModule, memoryModule, section } from './core-modules.ts';

function memoryOf(binary: Uint8Array): WebAssembly.Memory {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(binary)));
  const memory = instance.exports['m'];
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('the module exports no memory m');
  return memory;
}

describe('limitMemories', () => {
  it('makes memory.grow fail at the limit, where the module itself has none', () => {
    const unlimited = memoryModule(0, 1);
    expect(memoryOf(unlimited).grow(4)).toBe(1);

    const memory = memoryOf(limitMemories(unlimited, 4));
    expect(memory.grow(3)).toBe(1);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it('keeps a lower maximum and lowers a higher one', () => {
    expect(memoriesOf(limitMemories(memoryModule(1, 1, 2), 4))).toEqual([{ minPages: 1, maxPages: 2 }]);
    expect(memoriesOf(limitMemories(memoryModule(1, 1, 9), 4))).toEqual([{ minPages: 1, maxPages: 4 }]);
  });

  it('writes a maximum of more than one byte and leaves what follows in place', () => {
    const limited = limitMemories(memoryModule(0, 1), 65_536);
    expect(memoriesOf(limited)).toEqual([{ minPages: 1, maxPages: 65_536 }]);
    expect(memoryOf(limited).buffer.byteLength).toBe(65_536);
  });

  it('leaves imported memories and modules without memory as they are', () => {
    const importing = coreModule(section(2, 1, 1, 0x61, 1, 0x62, 2, 0, 1));
    expect(limitMemories(importing, 4)).toEqual(importing);
    expect(limitMemories(coreModule(), 4)).toEqual(coreModule());
  });

  it('refuses a memory that starts above the limit, and takes one that starts at it', () => {
    expect(() => limitMemories(memoryModule(0, 5), 4)).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', reason: 'MEMORY_LIMIT' }),
    );
    expect(memoriesOf(limitMemories(memoryModule(0, 4), 4))).toEqual([{ minPages: 4, maxPages: 4 }]);
  });

  it.each([
    ['shared', [3, 1, 1]],
    ['64-bit', [4, 1]],
    ['of another page size', [8, 1, 0]],
  ])('refuses a memory that is %s', (_what, type) => {
    expect(() => limitMemories(memoryModule(...type), 4)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('refuses a memory section that ends in the middle or goes on too long', () => {
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'NOT_A_COMPONENT' });
    expect(() => memoriesOf(coreModule(section(5, 2, 0, 1)))).toThrow(refused);
    expect(() => memoriesOf(coreModule(section(5, 1, 0, 1, 0)))).toThrow(refused);
  });
});

describe('pagesOf', () => {
  it('rounds down, and knows the least and the most', () => {
    expect(pagesOf(131_071)).toBe(1);
    expect(pagesOf(2 ** 40)).toBe(65_536);
    expect(() => pagesOf(65_535)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
