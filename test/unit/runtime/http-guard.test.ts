/** Whom the HTTP port answers: what a web page of another origin can make a browser send is refused. */
import { describe, expect, it } from 'vitest';
import { expectOwnRequest } from '../../../packages/runtime/src/services/http/guard.ts';

const HOST = '127.0.0.1:8001';
const JSON_CONTENT = { 'content-type': 'application/json' };

describe('the Host', () => {
  it.each(['localhost', 'LOCALHOST:80', HOST, '[::1]:8001', '10.0.0.7:8001', 'node.example:443'])(
    '%s is ours',
    (host) => {
      expect(() => check({ host }, 'GET', '10.0.0.7')).not.toThrow();
    },
  );

  it('may be the IPv6 address that was reached', () => {
    expect(() => check({ host: '[fd00::7]:8001' }, 'GET', 'fd00::7')).not.toThrow();
    expect(() => check({ host: '10.0.0.7:8001' }, 'GET', '::ffff:10.0.0.7')).not.toThrow();
  });

  it.each(['evil.example', '10.0.0.8', 'node.example.evil.example', 'evil@localhost', '', 'localhost:80:80'])(
    '%j is not',
    (host) => {
      expect(() => check({ host }, 'GET', '10.0.0.7')).toThrow(refusal(/^Host: /));
    },
  );
});

describe('the Origin', () => {
  it.each([{}, { origin: `http://${HOST}` }, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }])(
    'is ours: %j',
    (headers) => {
      expect(() => check({ host: HOST, ...JSON_CONTENT, ...headers })).not.toThrow();
    },
  );

  it.each([
    { origin: 'http://evil.example' },
    { origin: 'http://127.0.0.1:9999' },
    { origin: 'null' },
    { origin: '' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: `http://${HOST}`, 'sec-fetch-site': 'cross-site' },
  ])('is foreign, whatever is asked: %j', (headers) => {
    expect(() => check({ host: HOST, ...JSON_CONTENT, ...headers })).toThrow(refusal(/^(Origin|Sec-Fetch-Site): /));
    expect(() => check({ host: HOST, ...headers }, 'GET')).toThrow(refusal(/^(Origin|Sec-Fetch-Site): /));
  });
});

describe('what a form of a page could send', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
    'application/jsonx',
  ])('is refused as %j, unless X-PlexSpaces says that it is no form', (type) => {
    const headers = { host: HOST, 'content-type': type };
    expect(() => check(headers)).toThrow(refusal(/^POST: /));
    expect(() => check(headers, 'DELETE')).toThrow(refusal(/^DELETE: /));
    expect(() => check({ ...headers, 'x-plexspaces': '1' })).not.toThrow();
    expect(() => check(headers, 'GET')).not.toThrow();
  });

  it('is no JSON', () => {
    expect(() => check({ host: HOST, 'content-type': 'Application/JSON; charset=utf-8' })).not.toThrow();
  });
});

function check(headers: Record<string, string>, method = 'POST', localAddress = '127.0.0.1'): void {
  expectOwnRequest({ method, headers, localAddress }, ['node.example']);
}

function refusal(message: RegExp): object {
  return expect.objectContaining({ code: 'PERMISSION_DENIED', message: expect.stringMatching(message) });
}
