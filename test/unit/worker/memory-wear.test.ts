/** What of a memory's growth is wear, and when it is looked at. */
import { describe, expect, it } from 'vitest';
import { MemoryWear } from '../../../packages/worker/src/memory-wear.ts';

const PAGE_BYTES = 65_536;
const LIMIT = { bytes: 8 * PAGE_BYTES, growths: 4, isFinal: true };
const LARGE = 4096;

describe('an instance', () => {
  it('is worn when many calls have brought it to its limit, and tells how many', () => {
    const { memory, wear } = make();
    for (let call = 1; call < 7; call += 1) {
      memory.grow(1);
      expect(wear.count(0, LARGE)).toBe(0);
      expect(wear.isOver).toBe(false);
    }
    memory.grow(1);
    expect(wear.count(0, LARGE)).toBe(7);
    expect(wear.count(0, 0)).toBe(8);
    expect(wear.isOver).toBe(true);
  });

  it('is not worn by one call that needs it all, nor by many behind it', () => {
    const { memory, wear } = make();
    memory.grow(8);
    for (let call = 0; call < 100; call += 1) expect(wear.count(0, LARGE)).toBe(0);
  });

  it('is worn by what it does behind such a call', () => {
    const { memory, wear } = make();
    const found = [8, 1, 1, 1].map((pages) => {
      memory.grow(pages);
      return wear.count(0, LARGE);
    });
    expect(found).toEqual([0, 0, 0, 4]);
  });

  it('is looked at every 16 short calls, and behind those that take or give much or come late', () => {
    const { memory, wear } = make({ ...LIMIT, growths: 1 });
    expect(wear.count(0, 0)).toBe(0); // the first one is looked at
    memory.grow(8);
    for (let call = 2; call < 16; call += 1) expect(wear.count(0, LARGE - 1)).toBe(0);
    expect(wear.count(0, 0)).toBe(16);
    const late = make({ ...LIMIT, growths: 1 });
    late.wear.count(0, 0);
    late.memory.grow(8);
    expect(late.wear.count(5, 0)).toBe(0);
    expect(late.wear.count(5.1, 0)).toBe(3);
  });

  it('goes on where nobody is in its place', () => {
    const { memory, wear } = make({ ...LIMIT, growths: 1, isFinal: false });
    memory.grow(8);
    expect(wear.count(0, LARGE)).toBe(1);
    expect(wear.isOver).toBe(false);
  });

  it('is as worn as the largest of its memories', () => {
    const { wear } = make({ ...LIMIT, growths: 1 });
    const second = new WebAssembly.Memory({ initial: 1 });
    wear.add(second);
    second.grow(8);
    expect(wear.count(0, LARGE)).toBe(1);
  });
});

function make(limit: typeof LIMIT = LIMIT): { memory: WebAssembly.Memory; wear: MemoryWear } {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const wear = new MemoryWear(limit);
  wear.add(memory);
  return { memory, wear };
}
