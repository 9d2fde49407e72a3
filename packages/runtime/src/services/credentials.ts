/**
 * What callers show, and who they are for it: a token, or a certificate that the node's authority has signed.
 *
 * A1. Without tokens and without an authority everybody is EVERYONE; otherwise nobody is anybody without showing one.
 * A2. Tokens are kept and compared as hashes, each against all, in a time that says nothing of what is right.
 * A3. A token that is shown decides alone: a wrong one is not made good by a certificate.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { PlexSpacesError } from '@plexspaces/core';
import { EVERYONE } from './caller.ts';
import type { Caller } from './caller.ts';

/** One line of the file. */
export interface CredentialEntry {
  readonly shown:
    | { readonly by: 'token'; readonly sha256: Buffer }
    | { readonly by: 'certificate'; readonly name: string };
  readonly caller: Caller;
}

export interface Presented {
  /** The header; undefined: none. */
  readonly authorization: string | undefined;
  /** The names of a certificate that was verified; undefined: none was asked for. */
  readonly certificateNames?: readonly string[] | undefined;
}

export interface CredentialOptions {
  /** Undefined: there is no file. */
  readonly entries: readonly CredentialEntry[] | undefined;
  /** Certificates are verified before they come here. */
  readonly hasAuthority: boolean;
}

/** What calls for a caller that is found by it a moment later. */
export interface Admitted {
  readonly handle: string;
  readonly caller: Caller;
}

const BEARER = /^bearer +(\S+) *$/i;
const ANY_CERTIFICATE = 'any certificate';
const BY_AUTHORITY: Admitted = { handle: ANY_CERTIFICATE, caller: { ...EVERYONE, name: ANY_CERTIFICATE } };

export class Credentials {
  readonly #hasAuthority: boolean;
  #entries: readonly CredentialEntry[] | undefined;

  constructor({ entries, hasAuthority }: CredentialOptions) {
    this.#entries = entries;
    this.#hasAuthority = hasAuthority;
  }

  /** A1 */
  get isGuarded(): boolean {
    return this.#entries !== undefined || this.#hasAuthority;
  }

  /** From now on these hold; what has been admitted goes on. */
  replace(entries: readonly CredentialEntry[]): void {
    this.#entries = entries;
  }

  /** @throws UNAUTHENTICATED */
  admit({ authorization, certificateNames = [] }: Presented): Admitted {
    if (authorization !== undefined) return this.#byToken(authorization); // A3
    const isVerified = this.#hasAuthority && certificateNames.length > 0;
    if (isVerified && this.#entries === undefined) return BY_AUTHORITY;
    const found = isVerified ? this.#byCertificate(certificateNames) : undefined;
    if (found !== undefined) return found;
    throw unauthenticated(isVerified ? 'a certificate that nobody named' : 'neither');
  }

  /** Who was admitted under the handle, as long as the credentials hold. @throws UNAUTHENTICATED */
  find(handle: string | undefined): Caller {
    if (!this.isGuarded) return EVERYONE;
    if (handle === ANY_CERTIFICATE && this.#hasAuthority && this.#entries === undefined) return BY_AUTHORITY.caller;
    const entry = this.#entries?.find((other) => handleOf(other) === handle);
    if (entry !== undefined) return entry.caller;
    throw unauthenticated('neither');
  }

  /** A2 */
  #byToken(authorization: string): Admitted {
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw unauthenticated('another form of Authorization');
    const digest = hash('sha256', token, 'buffer');
    let found: CredentialEntry | undefined;
    for (const entry of this.#entries ?? []) {
      if (entry.shown.by === 'token' && timingSafeEqual(entry.shown.sha256, digest)) found = entry;
    }
    if (found === undefined) throw unauthenticated('a token that is not known');
    return admitted(found);
  }

  #byCertificate(names: readonly string[]): Admitted | undefined {
    const found = this.#entries?.find(({ shown }) => shown.by === 'certificate' && names.includes(shown.name));
    return found && admitted(found);
  }
}

function admitted(entry: CredentialEntry): Admitted {
  return { handle: handleOf(entry), caller: entry.caller };
}

function handleOf({ shown }: CredentialEntry): string {
  return shown.by === 'token'
    ? `token ${shown.sha256.toString('hex')}`
    : `certificate ${encodeURIComponent(shown.name)}`;
}

function unauthenticated(found: string): PlexSpacesError {
  const expected = '`Authorization: Bearer TOKEN`, or a certificate, that the node knows';
  return new PlexSpacesError('UNAUTHENTICATED', `expected ${expected}, found ${found}`);
}
