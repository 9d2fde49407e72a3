import { describe, expect, it } from 'vitest';
import { CompileCache } from '../../../packages/runtime/src/components/compile-cache.ts';
import { coreModule, section } from './core-modules.ts';

const EMPTY = coreModule();
const read = async (): Promise<Uint8Array> => EMPTY;

describe('CompileCache', () => {
  it('compiles once for each key, also for callers at the same time', async () => {
    const cache = new CompileCache(1024);
    const [a, b] = await Promise.all([cache.compile('a', EMPTY.length, read), cache.compile('a', EMPTY.length, read)]);
    expect(a).toBe(b);
    expect(await cache.compile('b', EMPTY.length, read)).not.toBe(a);
    expect(cache.compilations).toBe(2);
  });

  it('forgets the least recently used when it holds too much', async () => {
    const cache = new CompileCache(EMPTY.length * 2);
    for (const key of ['a', 'b', 'a', 'c']) await cache.compile(key, EMPTY.length, read);
    expect(cache.compilations).toBe(3);
    await cache.compile('a', EMPTY.length, read);
    expect(cache.compilations).toBe(3);
    await cache.compile('b', EMPTY.length, read);
    expect(cache.compilations).toBe(4);
  });

  it('gives a module that is larger than its limit, and does not keep it', async () => {
    const cache = new CompileCache(0);
    expect(await cache.compile('a', EMPTY.length, read)).toBeInstanceOf(WebAssembly.Module);
    await cache.compile('b', EMPTY.length, read);
    await cache.compile('a', EMPTY.length, read);
    expect(cache.compilations).toBe(3);
  });

  it('reads nothing for what is compiled already', async () => {
    const cache = new CompileCache(1024);
    await cache.compile('a', EMPTY.length, read);
    const unread = (): Promise<Uint8Array> => Promise.reject(new Error('read'));
    expect(await cache.compile('a', EMPTY.length, unread)).toBeInstanceOf(WebAssembly.Module);
    await expect(cache.compile('b', EMPTY.length, unread)).rejects.toThrow('read');
  });

  it('does not remember a failure', async () => {
    const cache = new CompileCache(1024);
    await expect(cache.compile('a', 9, async () => coreModule(section(99)))).rejects.toThrow(WebAssembly.CompileError);
    expect(await cache.compile('a', EMPTY.length, read)).toBeInstanceOf(WebAssembly.Module);
  });
});
