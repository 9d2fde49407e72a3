import { describe, expect, it } from 'vitest';
import { CompileCache } from '../../../packages/runtime/src/components/compile-cache.ts';
import { coreModule, section } from './core-modules.ts';

const EMPTY = coreModule();

describe('CompileCache', () => {
  it('compiles once for each key, also for callers at the same time', async () => {
    const cache = new CompileCache(1024);
    const [a, b] = await Promise.all([cache.compile('a', () => EMPTY), cache.compile('a', () => EMPTY)]);
    expect(a).toBe(b);
    expect(await cache.compile('b', () => EMPTY)).not.toBe(a);
    expect(cache.compilations).toBe(2);
  });

  it('forgets the least recently used when it holds too much', async () => {
    const cache = new CompileCache(EMPTY.length * 2);
    for (const key of ['a', 'b', 'a', 'c']) await cache.compile(key, () => EMPTY);
    expect(cache.compilations).toBe(3);
    await cache.compile('a', () => EMPTY);
    expect(cache.compilations).toBe(3);
    await cache.compile('b', () => EMPTY);
    expect(cache.compilations).toBe(4);
  });

  it('gives a module that is larger than its limit, and does not keep it', async () => {
    const cache = new CompileCache(0);
    expect(await cache.compile('a', () => EMPTY)).toBeInstanceOf(WebAssembly.Module);
    await cache.compile('b', () => EMPTY);
    await cache.compile('a', () => EMPTY);
    expect(cache.compilations).toBe(3);
  });

  it('does not remember a failure', async () => {
    const cache = new CompileCache(1024);
    await expect(cache.compile('a', () => coreModule(section(99)))).rejects.toThrow(WebAssembly.CompileError);
    expect(await cache.compile('a', () => EMPTY)).toBeInstanceOf(WebAssembly.Module);
  });
});
