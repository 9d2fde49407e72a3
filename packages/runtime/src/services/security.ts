/** What guards both ports: credentials, TLS, and which addresses may be bound with them. */
import { PlexSpacesError } from '@plexspaces/core';
import { readCredentials } from './credential-file.ts';
import { Credentials } from './credentials.ts';
import { formatHostPort, isLoopback } from './host-port.ts';
import type { HostPort } from './host-port.ts';
import { readTls } from './tls-files.ts';
import type { TlsFiles, TlsPaths } from './tls-files.ts';

export interface SecurityOptions {
  /** The file of credentials; mode 0600. */
  readonly tokens?: string | undefined;
  readonly tls?: TlsPaths | undefined;
  /** Tokens may travel in clear beyond loopback: to a proxy that ends TLS, or in a network of one's own. */
  readonly tokensInClear?: boolean | undefined;
  /** Names by which HTTP clients may address the node, beside loopback's and the address itself. */
  readonly httpHosts?: readonly string[] | undefined;
}

export interface Security {
  readonly credentials: Credentials;
  readonly tls: TlsFiles | undefined;
  readonly httpHosts: readonly string[];
  /** Reads the file of credentials anew. @throws what it throws at the start; the old ones then hold. */
  readonly reload: () => Promise<void>;
}

/** @throws NOT_FOUND, INVALID_ARGUMENT, FAILED_PRECONDITION naming the file. */
export async function openSecurity({ tokens, tls: paths, httpHosts = [] }: SecurityOptions): Promise<Security> {
  const tls = paths && (await readTls(paths));
  const entries = tokens === undefined ? undefined : await readCredentials(tokens);
  const credentials = new Credentials({ entries, hasAuthority: tls?.ca !== undefined });
  const reload = async (): Promise<void> => {
    if (tokens !== undefined) credentials.replace(await readCredentials(tokens));
  };
  return { credentials, tls, httpHosts: httpHosts.map((name) => name.toLowerCase()), reload };
}

/** @throws FAILED_PRECONDITION for an address that others can reach, unless they need credentials that nobody overhears. */
export function expectGuarded(
  address: HostPort,
  { credentials, tls }: Pick<Security, 'credentials' | 'tls'>,
  { tokensInClear = false }: SecurityOptions,
): HostPort {
  if (isLoopback(address)) return address;
  const where = formatHostPort(address);
  if (!credentials.isGuarded) {
    const expected = 'expected a loopback address, or credentials for another one (--tokens, --tls-ca)';
    throw new PlexSpacesError('FAILED_PRECONDITION', `${where}: ${expected}`);
  }
  if (tls !== undefined || tokensInClear) return address;
  const expected = 'expected TLS (--tls-cert, --tls-key) where tokens leave the machine, or --tokens-in-clear';
  throw new PlexSpacesError('FAILED_PRECONDITION', `${where}: ${expected}`);
}
