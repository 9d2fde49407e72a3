/** Parts of the SDK that only a component uses, against what Node has of its own. */
import { SourceMap as NodeSourceMap } from 'node:module';
import { transformSync } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageRandom } from '../../../sdk/typescript/src/randomness.ts';
import { SourceMap } from '../../../sdk/typescript/src/source-map.ts';
import { decodeUtf8Lossy } from '../../../sdk/typescript/src/utf8.ts';

describe('decodeUtf8Lossy', () => {
  it('decodes as the Encoding Standard has it, whatever the bytes', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const byte = fc.oneof(
      fc.constantFrom(0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf, 0x90, 0x41),
      fc.nat(255),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), (list) => {
        const bytes = Uint8Array.from(list);
        expect(decodeUtf8Lossy(bytes)).toBe(decoder.decode(bytes));
      }),
      { numRuns: 2_000 },
    );
    expect(decodeUtf8Lossy(Buffer.from('grüße 🎉'))).toBe('grüße 🎉');
  });
});

describe('MessageRandom', () => {
  const seeds = [Uint8Array.from({ length: 16 }, (_, index) => index), new Uint8Array(16)];
  const draws = (seed: Uint8Array, count: number): number[] => {
    const random = new MessageRandom(() => seed);
    return Array.from({ length: count }, () => random.next());
  };

  it('draws the same for the same seed, and within 0 and 1', () => {
    for (const seed of seeds) {
      const drawn = draws(seed, 2_000);
      expect(draws(seed, 2_000)).toEqual(drawn);
      expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
      expect(new Set(drawn).size).toBe(2_000);
      expect(drawn.reduce((sum, value) => sum + value, 0) / drawn.length).toBeCloseTo(0.5, 1);
    }
    expect(draws(Uint8Array.of(...(seeds[0] ?? [])), 1)).not.toEqual(draws(new Uint8Array(16), 1));
  });

  it('asks for a seed when a message first draws, and for another one behind the next beginning', () => {
    let asked = 0;
    const random = new MessageRandom((length) => {
      asked += 1;
      return Uint8Array.from({ length }, () => asked);
    });
    random.beginMessage();
    expect(asked).toBe(0);
    const [first, second] = [random.next(), random.next()];
    random.beginMessage();
    expect([random.next(), random.next()]).not.toEqual([first, second]);
    expect(asked).toBe(2);
  });
});

describe('SourceMap', () => {
  it('finds what Node finds', () => {
    const source = Array.from(
      { length: 40 },
      (_, line) => `const a${line}: number = ${line}; function f${line}() {\n  throw a${line}; }`,
    );
    const { code, map: text } = transformSync(source.join('\n'), {
      loader: 'ts',
      sourcemap: 'external',
      sourcefile: 'x.ts',
    });
    const raw = JSON.parse(text) as { sources: string[]; mappings: string };
    const ours = new SourceMap({ sources: raw.sources, own: [0], mappings: raw.mappings });
    const nodes = new NodeSourceMap(JSON.parse(text) as never);
    const lines = code.trimEnd().split('\n');
    const places = lines.flatMap((line, index) => Array.from(line, (_, column) => [index + 1, column + 1] as const));
    expect(places.length).toBeGreaterThan(1_000);
    for (const [line, column] of places) {
      const expected = nodes.findOrigin(line, column);
      const found = ours.find(line, column);
      expect(found?.line).toBe('lineNumber' in expected ? expected.lineNumber : undefined);
    }
    expect(ours.find(lines.length + 5, 1)).toBeUndefined();
  });
});
