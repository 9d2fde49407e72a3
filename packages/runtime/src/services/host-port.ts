/** HOST:PORT, and which addresses others cannot reach. */
import { isIPv6 } from 'node:net';
import { PlexSpacesError, quote } from '@plexspaces/core';

export interface HostPort {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

const FORM = /^(?:\[(?<six>[0-9A-Fa-f:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/;

/** @throws INVALID_ARGUMENT unless the text is `HOST:PORT` or `[IPv6]:PORT`. */
export function parseHostPort(text: string): HostPort {
  const groups = FORM.exec(text)?.groups;
  const host = groups?.['six'] ?? groups?.['host'];
  const port = Number(groups?.['port']);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new PlexSpacesError('INVALID_ARGUMENT', `address: expected HOST:PORT, found ${quote(text)}`);
}

/** Others cannot reach it. */
export function isLoopback({ host }: HostPort): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

export function formatHostPort({ host, port }: HostPort): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

export function explainListenFailure(what: string, address: HostPort, cause: unknown): PlexSpacesError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const reason = text.includes('EADDRINUSE') ? 'the port is in use' : text;
  return new PlexSpacesError('UNAVAILABLE', `cannot listen on ${formatHostPort(address)} (${what}): ${reason}`, {
    cause,
  });
}
