/** HTTP's own words: statuses, headers, payloads and documents. */
import { GRPC_STATUS, isGrpcErrorCode, PlexSpacesError } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expectDocument,
  expectTupleDocument,
  stringifyExact,
} from '../../../packages/runtime/src/services/http/documents.ts';
import { idempotencyKeyOf, metadataOf, timeoutOf } from '../../../packages/runtime/src/services/http/headers.ts';
import { payloadOf, replyAnswer } from '../../../packages/runtime/src/services/http/payload.ts';
import { errorOf, problemOf } from '../../../packages/runtime/src/services/http/problem.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (text: string): { bytes: Uint8Array; type: string } => ({
  bytes: bytesOf(text),
  type: 'application/json',
});

describe('a problem', () => {
  it('has the status that gRPC gateways give its code', () => {
    const statuses = Object.keys(GRPC_STATUS)
      .filter(isGrpcErrorCode)
      .map((code) => [code, problemOf(new PlexSpacesError(code, 'm')).status]);
    expect(Object.fromEntries(statuses)).toEqual({
      CANCELLED: 499,
      INVALID_ARGUMENT: 400,
      DEADLINE_EXCEEDED: 504,
      NOT_FOUND: 404,
      ALREADY_EXISTS: 409,
      PERMISSION_DENIED: 403,
      RESOURCE_EXHAUSTED: 429,
      FAILED_PRECONDITION: 400,
      ABORTED: 409,
      OUT_OF_RANGE: 400,
      UNIMPLEMENTED: 501,
      INTERNAL: 500,
      UNAVAILABLE: 503,
      DATA_LOSS: 500,
      UNAUTHENTICATED: 401,
    });
  });

  it("is 422 for the guest's own no, and 413 for what is too large", () => {
    expect(problemOf(new PlexSpacesError('EXECUTION_ERROR', 'no'))).toMatchObject({ status: 422, details: {} });
    const tooLarge = new PlexSpacesError('RESOURCE_EXHAUSTED', 'm', { reason: 'PAYLOAD_TOO_LARGE' });
    expect(problemOf(tooLarge)).toMatchObject({ status: 413, title: 'Payload Too Large' });
  });

  it('tells of what the framework refuses, and nothing of what fails inside', () => {
    expect(errorOf(Object.assign(new Error('m'), { statusCode: 415 })).code).toBe('INVALID_ARGUMENT');
    expect(errorOf(Object.assign(new Error('m'), { statusCode: 500 })).code).toBe('INTERNAL');
    expect(errorOf(new DOMException('m', 'AbortError')).code).toBe('CANCELLED');
  });
});

describe('the headers', () => {
  it.each([
    ['2', 2n, 0],
    ['0.25', 0n, 250_000_000],
    ['10.5', 10n, 500_000_000],
  ])('Request-Timeout %s is a duration', (text, seconds, nanos) => {
    expect(timeoutOf({ 'request-timeout': text })).toEqual({ seconds, nanos });
  });

  it.each(['', '-1', '1s', '1e3', '.5', '12345678', '1.2345', 'Infinity'])('Request-Timeout %j is none', (text) => {
    expect(() => timeoutOf({ 'request-timeout': text })).toThrow(/Request-Timeout: expected seconds/);
  });

  it('have a key, a trace, and a timeout where they say none', () => {
    expect(idempotencyKeyOf({ 'idempotency-key': '"a b"' })).toBe('"a b"');
    expect(idempotencyKeyOf({})).toBe('');
    expect(metadataOf({ traceparent: '00-1-2-01', cookie: 'x' })).toEqual({ traceparent: '00-1-2-01' });
    expect(timeoutOf({})).toEqual({ seconds: 30n, nanos: 0 });
  });
});

describe('a payload', () => {
  it('is the very bytes of the body, for every JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const body = json(text);
        expect(payloadOf(body)).toBe(body.bytes);
        expect(replyAnswer(body.bytes)).toEqual({ type: 'application/json', body: body.bytes });
      }),
    );
  });

  it('that is no JSON in UTF-8 is refused where it says that it is', () => {
    for (const bytes of [bytesOf('{'), Uint8Array.of(0x22, 0xff, 0x22), bytesOf('NaN')]) {
      expect(() => payloadOf({ bytes, type: 'application/json' })).toThrow(/^body: expected/);
      expect(payloadOf({ bytes, type: 'application/octet-stream' })).toBe(bytes);
      expect(replyAnswer(bytes).type).toBe('application/octet-stream');
    }
  });
});

describe('a document', () => {
  it('keeps the spelling of each number', () => {
    for (const text of ['1.0', '1e2', '12345678901234567890', '-0', '0.10']) {
      expect(stringifyExact(expectDocument(json(`{"a":${text}}`), ['a']).value('a'))).toBe(text);
    }
  });

  it('keeps every value, whatever its keys are', () => {
    const values = fc.json().filter((text) => !text.includes('__proto__'));
    fc.assert(
      fc.property(values, (text) => {
        const value = expectDocument(json(`{"input":${text}}`), ['input']).value('input');
        expect(JSON.parse(stringifyExact(value))).toEqual(JSON.parse(text));
      }),
    );
    const odd = '{"__proto__":{"a":1},"constructor":2}';
    expect(stringifyExact(expectDocument(json(`{"input":${odd}}`), ['input']).value('input'))).toBe(odd);
  });

  it.each([
    ['[]', /\$: expected a JSON object/],
    ['null', /\$: expected a JSON object/],
    ['{"b":1}', /expected the keys a, found "b"/],
    ['{"__proto__":1}', /expected the keys a, found "__proto__"/],
    ['{', /expected JSON/],
  ])('%s is refused', (text, message) => {
    expect(() => expectDocument(json(text), ['a'])).toThrow(message);
  });

  it('of tuples has integers of 64 bits', () => {
    const fields = expectTupleDocument(json('{"a":18446744073709551615,"b":"7","c":1.0,"d":-1}'), ['a', 'b', 'c', 'd']);
    expect([fields.count('a', 2n ** 64n), fields.count('b', 9n), fields.count('e', 9n)]).toEqual([
      2n ** 64n - 1n,
      7n,
      undefined,
    ]);
    for (const name of ['c', 'd']) expect(() => fields.count(name, 9n)).toThrow(/expected an integer of 0-9/);
    expect(() => fields.count('a', 9n)).toThrow(/found 18446744073709551615/);
  });
});
