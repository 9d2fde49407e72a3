/**
 * Whom the HTTP port answers. A web page can make its reader's browser send requests to a loopback port, under a name
 * of the page's own: so the Host has to be one that the node goes by, what a page of another origin sends is refused,
 * and what changes something says that it is no form of a page.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { PlexSpacesError, quote } from '@plexspaces/core';
import { JSON_TYPE } from './route.ts';

export interface GuardedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The address that the request came to. */
  readonly localAddress: string | undefined;
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const PORT = /:\d+$/;
const OWN_SITES = ['same-origin', 'none'];
const READING = ['GET', 'HEAD', 'OPTIONS'];
/** IPv4 addresses look like this where both families are served. */
const MAPPED = /^::ffff:/;

/** @param hosts further names by which the node goes. @throws PERMISSION_DENIED */
export function expectOwnRequest(request: GuardedRequest, hosts: readonly string[]): void {
  const { headers } = request;
  const host = (headers.host ?? '').toLowerCase();
  if (!isOwn(host.replace(PORT, ''), request.localAddress, hosts)) {
    throw refused(`Host: expected a loopback name or one that the node was given, found ${quote(host)}`);
  }
  expectOwnOrigin(headers, host);
  if (READING.includes(request.method)) return;
  if (headers['x-plexspaces'] !== undefined || mediaType(headers) === JSON_TYPE) return;
  throw refused(`${request.method}: expected content of type ${JSON_TYPE}, or the header X-PlexSpaces`);
}

/** Without parameters, in lower case; empty where there is none. */
export function mediaType(headers: IncomingHttpHeaders): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase();
}

function expectOwnOrigin(headers: IncomingHttpHeaders, host: string): void {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined && hostOf(origin) !== host) {
    throw refused(`Origin: expected the node's own, found ${quote(origin)}`);
  }
  if (site === undefined || OWN_SITES.includes(site)) return;
  throw refused(`Sec-Fetch-Site: expected ${OWN_SITES.join(' or ')}, found ${quote(site)}`);
}

function isOwn(name: string, localAddress: string | undefined, hosts: readonly string[]): boolean {
  if (LOOPBACK.test(name) || hosts.includes(name)) return true;
  // No name of a page's own leads here: only who writes the address itself.
  const address = (localAddress ?? '').replace(MAPPED, '');
  return address !== '' && (name === address || name === `[${address}]`);
}

/** As the Host header has it; undefined for what is no origin, such as `null`. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function refused(message: string): PlexSpacesError {
  return new PlexSpacesError('PERMISSION_DENIED', message);
}
