import { describe, expect, it } from 'vitest';
import { listInterfaces, summarise } from '../../../packages/cli/src/build/summary.ts';

const BUILT = {
  path: '/a.wasm',
  language: 'python',
  hash: '0123456789abcdef',
  bytes: 18_760_000,
  imports: [],
  exports: [],
  elapsedMs: 7_140,
  cached: false,
};

describe('summarise', () => {
  it('says language, size, hash, time and whether anything was done', () => {
    expect(summarise(BUILT)).toBe('python  18.76 MB  sha256 0123456789ab…  7.1 s');
    expect(summarise({ ...BUILT, cached: true, elapsedMs: 120 })).toMatch(/0\.1 s, unchanged$/);
  });
});

describe('listInterfaces', () => {
  it('names each package once, with its version', () => {
    expect(listInterfaces(['wasi:cli/environment@0.2.0', 'wasi:cli/exit@0.2.0', 'a:b/host', 'run'])).toEqual([
      'wasi:cli@0.2.0: environment, exit',
      'a:b: host',
      'run',
    ]);
  });
});
