/** What a described service takes and gives: every error with its path, nothing twice, nothing without an end. */
import type { PlexSpacesError } from '@plexspaces/core';
import { describe, expect, it } from 'vitest';
import { DescribedService } from '../../../packages/runtime/src/description/described-service.ts';

const TEXT = `
type Service {
  add(input: Operands!): Result!
  greet(name: String!, times: Int = 1): String
  every(input: [Every]): Boolean
  reset: Boolean
  maybe(note: String): Int!
}
input Operands { operands: [Float!]!, operation: Operation, note: String, next: Operands }
enum Operation { ADD SUBTRACT }
type Result { result: Float!, operation: Operation! }
input Every {
  i: Int, f: Float, s: String, b: Boolean, id: ID, d: Date, t: Time, dt: DateTime, p: Duration, u: UUID, url: URL,
  big: BigInt, dec: Decimal, bytes: Bytes, l: [[Int!]]
}
`;
const service = new DescribedService('demo.A.v1', TEXT);

describe('a payload', () => {
  it.each([
    ['add', '{"operands":[1,2.5,-3e2]}'],
    ['add', ' {"operands":[],"operation":"ADD","note":null,"next":{"operands":[1]}} '],
    ['greet', '{"name":"a"}'],
    ['greet', '{"times":2147483647,"name":"\\u00e4"}'],
    ['every', 'null'],
    ['every', ''],
    ['every', '[null,{}]'],
    ['reset', ''],
    ['reset', 'null'],
    ['reset', '{}'],
    ['maybe', ''],
    ['maybe', '{}'],
  ])('%s %s is taken', (method, payload) => {
    expect(() => service.expectCall(method, bytes(payload))).not.toThrow();
  });

  it.each([
    ['add', '{"operands":[1,2,"x"]}', '$.operands[2]: expected Float, found String'],
    ['add', '{}', '$.operands: expected [Float!]!, found nothing'],
    ['add', '{"operands":null}', '$.operands: expected [Float!], found null'],
    ['add', '{"operands":[null]}', '$.operands[0]: expected Float, found null'],
    ['add', '{"operands":5}', '$.operands: expected [Float!], found Int'],
    ['add', '[1]', '$: expected Operands, found a list'],
    ['add', 'null', '$: expected Operands, found null'],
    ['add', '', '$: expected JSON, found nothing'],
    ['add', '{"operands":[]', '$: expected JSON, found something else at character 14'],
    ['add', '\uFEFF{"operands":[]}', '$: expected JSON, found something else'],
    [
      'add',
      '{"operands":[],"operation":"MULTIPLY"}',
      '$.operation: expected Operation (ADD, SUBTRACT), found String "MULTIPLY"',
    ],
    ['add', '{"operands":[],"operation":1}', '$.operation: expected Operation (ADD, SUBTRACT), found Int 1'],
    [
      'add',
      '{"operands":[],"extra":1}',
      '$.extra: expected one of the fields operands, operation, note, next, found an unknown field',
    ],
    [
      'add',
      '{"operands":[],"__proto__":{"a":1}}',
      '$.__proto__: expected one of the fields operands, operation, note, next, found an unknown field',
    ],
    [
      'add',
      '{"operands":[],"toString":null}',
      '$.toString: expected one of the fields operands, operation, note, next, found an unknown field',
    ],
    ['add', '{"operands":[],"next":{"operands":[true]}}', '$.next.operands[0]: expected Float, found Boolean'],
    ['add', '{"operands":[1e999]}', '$.operands[0]: expected Float (64 bits), found Float Infinity'],
    ['add', '{"operands":[],"operands":["x"],"operands":[]}', '$: expected each field once, found one twice'],
    ['add', '{"operands":[],"note":"\\ud800"}', '$.note: expected String (Unicode text), found String "\\ud800"'],
    [
      'greet',
      '{"name":"a","times":2147483648}',
      '$.times: expected Int (a whole number of 32 bits), found Int 2147483648',
    ],
    ['greet', '{"name":"a","times":1.5}', '$.times: expected Int (a whole number of 32 bits), found Float 1.5'],
    ['greet', '', '$: expected JSON, found nothing'],
    ['greet', '{"times":1}', '$.name: expected String!, found nothing'],
    ['greet', 'null', '$: expected an object, found null'],
    ['reset', '{"a":1}', '$.a: expected no fields, found an unknown field'],
    ['reset', '[]', '$: expected no input, found a list'],
    [
      'add',
      `{"note\\n":1,"operands":[]}`,
      '$["note\\n"]: expected one of the fields operands, operation, note, next, found an unknown field',
    ],
    ['every', '['.repeat(65), '$: expected at most 64 levels, found 65'],
  ])('%s %s is refused', (method, payload, error) => {
    expect(refusal(method, payload)).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'VALIDATION',
      message: `demo.A.v1 ${method}: ${error}`,
      details: { errors: JSON.stringify([error]) },
    });
  });

  it('that is no UTF-8 is refused', () => {
    const payload = Buffer.from([0x22, 0xff, 0x22]);
    expect(refusalOf(() => service.expectCall('add', payload)).message).toMatch(/expected UTF-8, found other bytes$/);
  });

  it('is told all that is wrong with it, up to a limit', () => {
    const { message, details } = refusal('add', '{"operands":["x",1,null],"operation":1,"more":2}');
    expect(JSON.parse(details['errors'] ?? '')).toHaveLength(4);
    expect(message.split('; ')).toHaveLength(4);
    const many = refusal('add', `{"operands":[${Array.from({ length: 100 }, () => '""').join()}]}`);
    expect(many.message).toMatch(/; and more$/);
    expect(many.message.length).toBeLessThan(1_700);
    expect(JSON.parse(many.details['errors'] ?? '').length).toBeLessThanOrEqual(32);
  });

  it('has no say in how long its answer gets', () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `"${'k'.repeat(100)}${index}":1`);
    const { message, details } = refusal('add', `{${keys.join()}}`);
    expect(message.length + (details['errors'] ?? '').length).toBeLessThan(4_000);
  });

  it('for an unknown method is NOT_FOUND, with those that there are', () => {
    expect(refusal('nope', '')).toMatchObject({
      code: 'NOT_FOUND',
      message: 'demo.A.v1: expected one of the methods add, greet, every, reset, maybe, found "nope"',
    });
    expect(refusal('toString', '')).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a scalar', () => {
  const taken: readonly (readonly [field: string, values: readonly string[]])[] = [
    ['i', ['0', '-0', '-2147483648', '1e3', '2.0']],
    ['f', ['0.1', '123456789012345678901234567890', '-1e308']],
    ['id', ['"a"', '12', '12345678901234567890']],
    ['d', ['"2024-02-29"', '"2000-02-29"', '"0001-01-01"']],
    ['t', ['"23:59:59"', '"00:00:00.123Z"', '"12:00:00+05:30"']],
    ['dt', ['"2026-01-31T13:45:00Z"', '"2026-01-31T13:45:00.5-08:00"']],
    ['p', ['"PT1M30S"', '"P1Y2M3DT4H5M6.7S"', '"P2W"', '"-P1D"']],
    ['u', ['"123e4567-e89b-12d3-a456-426614174000"', '"123E4567-E89B-12D3-A456-426614174000"']],
    ['url', ['"https://example.org/a?b#c"', '"mailto:a@example.org"']],
    ['big', ['9007199254740993', '-1', '"-123456789012345678901234567890"', '123456789012345678901234567890']],
    ['dec', ['1.10', '"1.10"', '"-1e-7"', '12345678901234567890.5']],
    ['bytes', ['""', '"AAE="', '"AAEC"', '"+/+/"']],
    ['l', ['[]', '[null,[1]]']],
  ];
  it.each(taken)('%s is taken', (field, values) => {
    for (const value of values) expect(refusalOr('every', `[{"${field}":${value}}]`)).toBe(value);
  });

  const refused: readonly (readonly [field: string, values: readonly string[]])[] = [
    ['i', ['"1"', '2147483648', '1.5', 'true', '[]', '1e999']],
    ['f', ['"1"', '1e999', 'false', '{}']],
    ['s', ['1', 'true', '{}']],
    ['b', ['0', '"true"']],
    ['id', ['1.5', 'true']],
    [
      'd',
      [
        '"2023-02-29"',
        '"1900-02-29"',
        '"2024-13-01"',
        '"2024-00-10"',
        '"2024-01-32"',
        '"2024-1-1"',
        '"2024-01-01T"',
        '20240101',
      ],
    ],
    ['t', ['"24:00:00"', '"12:60:00"', '"12:00"', '"12:00:00+24:00"', '"12:00:00 "']],
    ['dt', ['"2026-01-31T13:45:00"', '"2026-01-31 13:45:00Z"', '"2026-02-30T13:45:00Z"', '"2026-01-31"', '1767225600']],
    ['p', ['"P"', '"PT"', '"1M"', '"P1H"', '"PT1.5H"']],
    ['u', ['"123e4567e89b12d3a456426614174000"', '"g23e4567-e89b-12d3-a456-426614174000"', '""']],
    ['url', ['"/a"', '"example.org"', '" https://example.org"', '"https://"', '"https://a b"']],
    ['big', ['1.5', '"1.5"', '"01"', '""', '9007199254740992.5', '1e17', '"0x10"']],
    ['dec', ['"1,5"', '"."', '"1."', '"NaN"', '1e999', '""']],
    ['bytes', ['"A"', '"AA="', '"AA-_"', '"AA==AA=="', '"A==="', '1']],
    ['l', ['[[null]]', '[1]', '["1"]']],
  ];
  it.each(refused)('%s is refused', (field, values) => {
    for (const value of values) expect(refusalOr('every', `[{"${field}":${value}}]`)).toMatch(`$[0].${field}`);
  });

  it('is looked at in a time that grows with its length alone', () => {
    const startedAt = process.threadCpuUsage();
    const long = '1'.repeat(4_000_000);
    for (const field of ['d', 't', 'dt', 'p', 'u', 'url', 'big', 'dec', 'bytes']) {
      refusalOr('every', `[{"${field}":"${long}!"}]`);
    }
    const { user, system } = process.threadCpuUsage(startedAt);
    expect((user + system) / 1e6).toBeLessThan(2);
  });
});

describe('a reply', () => {
  it('of the right shape passes as it came', () => {
    const reply = bytes(' {"result": 6.0, "operation": "ADD"}');
    expect(service.expectReply('add', reply)).toBe(reply);
    expect(service.expectReply('greet', bytes('')).length).toBe(0);
  });

  it.each([
    ['add', '{"result":"6","operation":"ADD"}', '$.result: expected Float, found String'],
    ['add', '', '$: expected JSON, found nothing'],
    ['maybe', '', '$: expected JSON, found nothing'],
    ['maybe', 'null', '$: expected Int, found null'],
  ])('of the wrong shape is INTERNAL: %s %s', (method, reply, error) => {
    expect(refusalOf(() => service.expectReply(method, bytes(reply)))).toMatchObject({
      code: 'INTERNAL',
      reason: 'VALIDATION',
      message: `reply of demo.A.v1 ${method}: ${error}`,
    });
  });
});

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

function refusal(method: string, payload: string): PlexSpacesError {
  return refusalOf(() => service.expectCall(method, bytes(payload)));
}

function refusalOf(call: () => void): PlexSpacesError {
  try {
    call();
  } catch (thrown) {
    return thrown as PlexSpacesError;
  }
  throw new Error('expected a refusal, found none');
}

/** The error's text, or the value where it was taken. */
function refusalOr(method: string, payload: string): string {
  try {
    service.expectCall(method, bytes(payload));
  } catch (thrown) {
    return (thrown as PlexSpacesError).message;
  }
  return payload.slice(payload.indexOf(':') + 1, -2);
}
