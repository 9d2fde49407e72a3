import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHostPort, isLoopback, parseHostPort } from '../../../packages/runtime/src/services/host-port.ts';

describe('HOST:PORT', () => {
  it('is read and written again', () => {
    const anyHost = fc.oneof(fc.ipV4(), fc.domain(), fc.constantFrom('::1', 'fe80::1', 'localhost'));
    fc.assert(
      fc.property(anyHost, fc.nat({ max: 65_535 }), (host, port) => {
        expect(parseHostPort(formatHostPort({ host, port }))).toEqual({ host, port });
      }),
    );
  });

  it.each([
    '',
    'localhost',
    ':80',
    'localhost:',
    'localhost:65536',
    'localhost:x',
    '::1:80',
    'http://localhost:80',
    'a:1:2',
    '[::1]',
  ])('%j is none', (text) => {
    expect(() => parseHostPort(text)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `address: expected HOST:PORT, found ${JSON.stringify(text)}`,
      }),
    );
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1:0', '127.9.9.9:8000', '[::1]:80', 'localhost:1'])('%s is', (text) => {
    expect(isLoopback(parseHostPort(text))).toBe(true);
  });

  it.each(['0.0.0.0:80', '[::]:80', '10.0.0.1:80', '128.0.0.1:80', 'example.org:80', '127.0.0.1.example.org:80'])(
    '%s is not',
    (text) => {
      expect(isLoopback(parseHostPort(text))).toBe(false);
    },
  );
});
