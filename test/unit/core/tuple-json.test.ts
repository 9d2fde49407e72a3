import {
  MAX_TUPLE_ARITY,
  parsePatternText,
  parseTupleText,
  patternFromInput,
  PlexSpacesError,
  tupleFromInput,
  tupleToOutput,
} from '@plexspaces/core';
import type { TupleField } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTuple } from './arbitraries.ts';

describe('the JSON form of a tuple', () => {
  it.each<[string, TupleField]>([
    ['"a"', { type: 'string', value: 'a' }],
    ['""', { type: 'string', value: '' }],
    ['6', { type: 'int', value: 6n }],
    ['-0', { type: 'int', value: 0n }],
    ['9223372036854775807', { type: 'int', value: 2n ** 63n - 1n }],
    ['-9223372036854775808', { type: 'int', value: -(2n ** 63n) }],
    ['9007199254740993', { type: 'int', value: 9_007_199_254_740_993n }],
    ['6.0', { type: 'float', value: 6 }],
    ['6e0', { type: 'float', value: 6 }],
    ['-0.0', { type: 'float', value: -0 }],
    ['1e400', { type: 'float', value: Infinity }],
    ['true', { type: 'bool', value: true }],
    ['null', { type: 'null' }],
    ['{"string":"{}"}', { type: 'string', value: '{}' }],
    ['{"int":"9223372036854775807"}', { type: 'int', value: 2n ** 63n - 1n }],
    ['{"int":5}', { type: 'int', value: 5n }],
    ['{"float":6}', { type: 'float', value: 6 }],
    ['{"float":"NaN"}', { type: 'float', value: NaN }],
    ['{"float":"-Infinity"}', { type: 'float', value: -Infinity }],
    ['{"float":"-0"}', { type: 'float', value: -0 }],
    ['{"bytes":""}', { type: 'bytes', value: new Uint8Array() }],
    ['{"bytes":"AAE="}', { type: 'bytes', value: Uint8Array.of(0, 1) }],
  ])('reads %s', (literal, field) => {
    expect(parseTupleText(`[${literal}]`)).toStrictEqual([field]);
  });

  it.each([
    ['{"a":1}', '$: expected a JSON array'],
    ['[9223372036854775808]', 'signed 64-bit'],
    ['[-9223372036854775809]', 'signed 64-bit'],
    ['[{"int":"1.5"}]', '$[0]: expected an integer'],
    ['[1,{"float":"x"}]', '$[1]: expected a number'],
    ['[{"bytes":"A"}]', '$[0]: expected base64'],
    ['[{"bytes":"AAE"}]', '$[0]: expected base64'],
    ['[{"?":"any"}]', '$[0]: expected a string, number'],
    ['[{"string":"a","int":1}]', '$[0]: expected'],
    ['[[1]]', '$[0]: expected'],
    ['["\\ud800"]', 'lone surrogate'],
    ['[', 'expected a JSON array, found'],
    ['', 'expected a JSON array, found'],
  ])('refuses %s', (text, message) => {
    expect(() => parseTupleText(text)).toThrowError(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => parseTupleText(text)).toThrowError(message);
  });

  it('has 0 to 64 fields', () => {
    expect(parseTupleText('[]')).toEqual([]);
    expect(tupleFromInput(Array.from({ length: MAX_TUPLE_ARITY }, () => 1))).toHaveLength(64);
    expect(() => tupleFromInput(Array.from({ length: MAX_TUPLE_ARITY + 1 }, () => 1))).toThrowError('at most 64');
  });

  it('takes the numbers of a program: a safe integer is an int, all else a float', () => {
    const inputs = [1, -1, Number.MAX_SAFE_INTEGER, 2 ** 53, 1.5, -0, NaN, 5n];
    expect(tupleFromInput(inputs).map(({ type }) => type)).toEqual([
      'int',
      'int',
      'int',
      'float',
      'float',
      'float',
      'float',
      'int',
    ]);
  });

  it('prints integers beyond the safe range and integral floats with their type', () => {
    const text = '[9007199254740991, 9007199254740992, -9007199254740992, 6.0, 1e21, 0.5]';
    expect(tupleToOutput(parseTupleText(text))).toStrictEqual([
      9_007_199_254_740_991,
      { int: '9007199254740992' },
      { int: '-9007199254740992' },
      { float: 6 },
      1e21,
      0.5,
    ]);
  });

  it('comes back the same, as JSON text and as a value', () => {
    fc.assert(
      fc.property(anyTuple, (tuple) => {
        const output = tupleToOutput(tuple);
        expect(parseTupleText(JSON.stringify(output))).toStrictEqual(tuple);
        expect(tupleFromInput(output)).toStrictEqual(tuple);
      }),
    );
  });

  it('never throws anything but INVALID_ARGUMENT, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(['parsed', 'INVALID_ARGUMENT']).toContain(outcomeOf(text));
      }),
    );
  });
});

describe('the JSON form of a pattern', () => {
  it('reads exact values and wildcards', () => {
    expect(parsePatternText('["a",{"?":"any"},{"?":"int"},6.0]')).toStrictEqual([
      { match: 'exact', field: { type: 'string', value: 'a' } },
      { match: 'any' },
      { match: 'type', type: 'int' },
      { match: 'exact', field: { type: 'float', value: 6 } },
    ]);
  });

  it('reads every type', () => {
    const types = ['string', 'int', 'float', 'bytes', 'bool', 'null'] as const;
    expect(patternFromInput(types.map((type) => ({ '?': type })))).toEqual(
      types.map((type) => ({ match: 'type', type })),
    );
  });

  it('refuses a wildcard of no type', () => {
    expect(() => parsePatternText('[1,{"?":"integer"}]')).toThrowError('$[1]: expected "any" or one of');
  });
});

function outcomeOf(text: string): string {
  try {
    parseTupleText(text);
    return 'parsed';
  } catch (error) {
    return error instanceof PlexSpacesError ? error.code : String(error);
  }
}
