/** What is JSON is told as JSON.parse tells it, however it begins. */
import { parseOutput } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** As it is said in one line, without a look at the first byte. */
function parsePlainly(output: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(output));
  } catch {
    return output;
  }
}

describe('parseOutput', () => {
  it('gives the value of any JSON, and any other bytes as they are', () => {
    const json = fc
      .tuple(fc.constantFrom('', ' ', '\n\t', '\r', '\uFEFF'), fc.jsonValue())
      .map(([before, value]) => Buffer.from(before + JSON.stringify(value)));
    const any = fc.oneof(json, fc.uint8Array({ maxLength: 20 }));
    const isSame = fc.property(any, (bytes) => {
      expect(parseOutput(bytes)).toEqual(parsePlainly(bytes));
    });
    fc.assert(isSame, { numRuns: 2_000 });
  });

  it.each(['', '\u0007', 'null', 'true', 'x', '1', '-', '"', '+1', '.5', 'Infinity'])('%j', (text) => {
    const bytes = Buffer.from(text);
    expect(parseOutput(bytes)).toEqual(parsePlainly(bytes));
  });

  it('gives back the very bytes where they are no JSON', () => {
    const bytes = Uint8Array.of(7, 8);
    expect(parseOutput(bytes)).toBe(bytes);
  });
});
