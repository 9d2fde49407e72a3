/** Credentials: what is shown, who that is, and what a file of them may hold. */
import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certificateNames } from '../../../packages/runtime/src/services/certificates.ts';
import { parseCredentials } from '../../../packages/runtime/src/services/credential-file.ts';
import { Credentials } from '../../../packages/runtime/src/services/credentials.ts';

const TOKEN = 'token-0123456789';
const OTHER = 'other-0123456789';
const FILE = {
  tokens: [
    { name: 'plain', token: TOKEN, tenant: 'blue', allow: ['invoke'] },
    { sha256: hash('sha256', OTHER), allow: [] },
    { certificate: 'alice', allow: ['tuples'] },
  ],
};
const UNKNOWN = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('credentials', () => {
  const credentials = new Credentials({ entries: entries(FILE), hasAuthority: true });

  it('are tokens, plain or by their hash', () => {
    const { caller } = credentials.admit({ authorization: `Bearer ${TOKEN}` });
    expect(caller).toEqual({ name: 'plain', tenant: 'blue', allow: new Set(['invoke']) });
    const other = credentials.admit({ authorization: `bearer  ${OTHER} ` });
    expect(other.caller).toEqual({ name: 'tokens[1]', tenant: 'default', allow: new Set() });
  });

  it.each([
    '',
    'Bearer',
    `Bearer ${TOKEN}x`,
    `Bearer x${TOKEN}`,
    `Basic ${TOKEN}`,
    TOKEN,
    `Bearer ${hash('sha256', TOKEN)}`,
  ])('are not %j, whatever certificate comes along', (authorization) => {
    expect(() => credentials.admit({ authorization })).toThrow(UNKNOWN);
    expect(() => credentials.admit({ authorization, certificateNames: ['alice'] })).toThrow(UNKNOWN);
  });

  it('are certificates by any of their names', () => {
    const { caller } = credentials.admit({ authorization: undefined, certificateNames: ['x', 'alice'] });
    expect(caller.allow).toEqual(new Set(['tuples']));
    for (const names of [[], ['bob'], ['Alice']]) {
      expect(() => credentials.admit({ authorization: undefined, certificateNames: names })).toThrow(UNKNOWN);
    }
  });

  it('without an authority are no certificates: nobody has verified them', () => {
    const unverified = new Credentials({ entries: entries(FILE), hasAuthority: false });
    expect(() => unverified.admit({ authorization: undefined, certificateNames: ['alice'] })).toThrow(UNKNOWN);
  });

  it('with an authority and no file are every certificate of its', () => {
    const any = new Credentials({ entries: undefined, hasAuthority: true });
    expect(any.admit({ authorization: undefined, certificateNames: ['x'] }).caller).toMatchObject({
      tenant: 'default',
    });
    expect(() => any.admit({ authorization: undefined })).toThrow(UNKNOWN);
    expect(() => any.admit({ authorization: `Bearer ${TOKEN}` })).toThrow(UNKNOWN);
  });

  it('are asked for as soon as there is a file, be it an empty one', () => {
    expect(new Credentials({ entries: [], hasAuthority: false }).isGuarded).toBe(true);
    const open = new Credentials({ entries: undefined, hasAuthority: false });
    expect(open.isGuarded).toBe(false);
    expect(open.find(undefined)).toMatchObject({ name: 'everyone', tenant: 'default' });
  });

  it('are found again by their handle as long as they hold', () => {
    const replaced = new Credentials({ entries: entries(FILE), hasAuthority: false });
    const { handle, caller } = replaced.admit({ authorization: `Bearer ${TOKEN}` });
    expect(replaced.find(handle)).toBe(caller);
    replaced.replace([]);
    for (const lost of [handle, undefined, '', 'any certificate']) expect(() => replaced.find(lost)).toThrow(UNKNOWN);
  });
});

describe('a file of credentials', () => {
  it.each<[what: string, text: string, message: RegExp]>([
    ['no JSON', `{"tokens": ${TOKEN}`, /^f: expected JSON/],
    ['a list', '[]', /^f: \$: must be object/],
    ['an unknown key', '{"tokens":[],"users":[]}', /must NOT have additional properties/],
    ['a line without rights', JSON.stringify({ tokens: [{ token: TOKEN }] }), /'allow'/],
    ['an unknown right', JSON.stringify({ tokens: [{ token: TOKEN, allow: ['all'] }] }), /\$\.tokens\.0\.allow\.0/],
    ['a short token', JSON.stringify({ tokens: [{ token: 'short', allow: [] }] }), /\$\.tokens\.0\.token/],
    ['nothing to show', JSON.stringify({ tokens: [{ allow: [] }] }), /\$\.tokens\.0/],
    [
      'two things to show',
      JSON.stringify({ tokens: [{ token: TOKEN, certificate: 'a', allow: [] }] }),
      /\$\.tokens\.0/,
    ],
    ['a tenant with a slash', JSON.stringify({ tokens: [{ token: TOKEN, tenant: 'a/b', allow: [] }] }), /tenant/],
    ['a token twice', JSON.stringify({ tokens: [1, 2].map(() => ({ token: TOKEN, allow: [] })) }), /found one twice/],
  ])('with %s is refused, and nothing of it is told', (_what, text, message) => {
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) });
    expect(() => parseCredentials(text, 'f')).toThrow(refused);
    expect(() => parseCredentials(text, 'f')).not.toThrow(TOKEN);
  });
});

describe('the names of a certificate', () => {
  const names = (certificate: object): string[] =>
    certificateNames(certificate as Parameters<typeof certificateNames>[0]);

  it('are its common names and its alternative ones', () => {
    const subjectaltname = 'DNS:a.example, IP Address:127.0.0.1, URI:spiffe://x/y, email:a@b.example';
    const expected = ['cn', 'a.example', 'spiffe://x/y', 'a@b.example'];
    expect(names({ subject: { CN: 'cn' }, subjectaltname })).toEqual(expected);
    expect(names({ subject: { CN: ['one', 'two'] } })).toEqual(['one', 'two']);
  });

  it('are none where there is no certificate', () => {
    expect([names({}), certificateNames(undefined), names({ subject: {} })]).toEqual([[], [], []]);
  });

  it('hold nothing that one name says of others', () => {
    expect(names({ subject: {}, subjectaltname: 'DNS:"a.example, DNS:admin"' })).not.toContain('admin');
    expect(names({ subject: {}, subjectaltname: 'URI:"x, DNS:admin, DNS:y"' })).toEqual([]);
  });
});

function entries(file: object): ReturnType<typeof parseCredentials> {
  return parseCredentials(JSON.stringify(file), 'f');
}
