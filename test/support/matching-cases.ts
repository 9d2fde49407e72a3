/**
 * What matches what, and what is no tuple: one table for whoever speaks to the space, in the JSON form of tuples.
 * The answers are written down, not computed.
 */

export interface MatchingCase {
  readonly name: string;
  /** JSON text: the literal says whether a number is an int or a float. */
  readonly tuple: string;
  readonly pattern: string;
  readonly matches: boolean;
}

export interface RefusedCase {
  readonly name: string;
  readonly tuple: string;
  readonly code: 'INVALID_ARGUMENT' | 'RESOURCE_EXHAUSTED';
}

/** One value of each type, among them those that other types take for their own. */
const VALUES: readonly (readonly [type: string, json: string])[] = [
  ['string', '"1"'],
  ['int', '1'],
  ['float', '1.0'],
  ['bytes', '{"bytes":"MQ=="}'],
  ['bool', 'true'],
  ['null', 'null'],
];

/** Each value by itself, by its type, by any, and against all others. */
const types: MatchingCase[] = VALUES.flatMap(([type, json]) => [
  { name: `${type} by any`, tuple: `[${json}]`, pattern: '[{"?":"any"}]', matches: true },
  ...VALUES.flatMap(([other, otherJson]) => [
    { name: `${type} by ${other}`, tuple: `[${json}]`, pattern: `[${otherJson}]`, matches: type === other },
    { name: `${type} by any ${other}`, tuple: `[${json}]`, pattern: `[{"?":"${other}"}]`, matches: type === other },
  ]),
]);

function list(field: string, count: number): string {
  return `[${Array.from({ length: count }, () => field).join(',')}]`;
}

function same(name: string, tuple: string): MatchingCase {
  return { name, tuple, pattern: tuple, matches: true };
}

function differ(name: string, tuple: string, pattern: string): MatchingCase[] {
  return [
    { name, tuple, pattern, matches: false },
    { name: `${name}, the other way`, tuple: pattern, pattern: tuple, matches: false },
  ];
}

export const MATCHING_CASES: readonly MatchingCase[] = [
  ...types,
  same('NaN is NaN', '[{"float":"NaN"}]'),
  ...differ('NaN is no other number', '[{"float":"NaN"}]', '[{"float":0}]'),
  same('minus zero', '[{"float":"-0"}]'),
  ...differ('minus zero is not zero', '[{"float":"-0"}]', '[0.0]'),
  same('infinity', '[{"float":"Infinity"}]'),
  ...differ('infinities differ', '[{"float":"Infinity"}]', '[{"float":"-Infinity"}]'),
  same('the least float', '[5e-324]'),
  ...differ('the least float is not zero', '[5e-324]', '[0.0]'),
  same('the largest int', '[{"int":"9223372036854775807"}]'),
  same('the smallest int', '[{"int":"-9223372036854775808"}]'),
  ...differ('large ints that are one float', '[{"int":"9007199254740992"}]', '[{"int":"9007199254740993"}]'),
  ...differ(
    'the largest int is not its neighbour',
    '[{"int":"9223372036854775807"}]',
    '[{"int":"9223372036854775806"}]',
  ),
  ...differ('ints that differ above 32 bits', '[1]', '[4294967297]'),
  same('the empty string', '[""]'),
  same('empty bytes', '[{"bytes":""}]'),
  ...differ('the empty string is not empty bytes', '[""]', '[{"bytes":""}]'),
  ...differ('the empty string is not null', '[""]', '[null]'),
  ...differ('false is not null', '[false]', '[null]'),
  ...differ('false is not zero', '[false]', '[0]'),
  same('a zero byte, in a string and in bytes', '["a\\u0000b",{"bytes":"AAAA"}]'),
  ...differ('bytes by their length', '[{"bytes":"AA=="}]', '[{"bytes":"AAA="}]'),
  same('all of Unicode', '["\\u00e9 \\ud83d\\ude00 \\udbff\\udfff \\u202e"]'),
  ...differ('composed and decomposed text', '["\\u00e9"]', '["e\\u0301"]'),
  ...differ('upper and lower case', '["A"]', '["a"]'),
  ...differ('a string with a space behind it', '["a "]', '["a"]'),
  same('no field', '[]'),
  ...differ('no field and one', '[]', '[null]'),
  { name: 'any is one field, not any number', tuple: '[]', pattern: '[{"?":"any"}]', matches: false },
  ...differ('a beginning is not the whole', '["a","b"]', '["a"]'),
  { name: '64 fields by 64 wildcards', tuple: list('1', 64), pattern: list('{"?":"int"}', 64), matches: true },
  { name: '64 fields by 63 wildcards', tuple: list('1', 64), pattern: list('{"?":"int"}', 63), matches: false },
  {
    name: 'the last of many fields',
    tuple: `[${'0,'.repeat(63)}1]`,
    pattern: `[${'0,'.repeat(63)}2]`,
    matches: false,
  },
  {
    name: 'a wildcard before an exact field',
    tuple: '["job",7,"open"]',
    pattern: '[{"?":"any"},7,{"?":"string"}]',
    matches: true,
  },
  same('a tuple that is just within its size', `["${'x'.repeat(262_100)}"]`),
];

export const REFUSED_CASES: readonly RefusedCase[] = [
  { name: 'a lone surrogate', tuple: '["\\ud800"]', code: 'INVALID_ARGUMENT' },
  { name: 'half of a pair behind text', tuple: '["a\\udc00"]', code: 'INVALID_ARGUMENT' },
  { name: 'an int past 64 bits', tuple: '[9223372036854775808]', code: 'INVALID_ARGUMENT' },
  { name: 'an int below 64 bits', tuple: '[{"int":"-9223372036854775809"}]', code: 'INVALID_ARGUMENT' },
  { name: '65 fields', tuple: list('null', 65), code: 'INVALID_ARGUMENT' },
  { name: 'a tuple past its size', tuple: `["${'x'.repeat(262_144)}"]`, code: 'RESOURCE_EXHAUSTED' },
  { name: 'a tuple far past its size', tuple: list(`"${'x'.repeat(100_000)}"`, 30), code: 'RESOURCE_EXHAUSTED' },
];
