/** What connect() and every call may be given, with defaults and limits. */
import { PlexSpacesError } from '@plexspaces/core';

export interface ConnectOptions {
  /** Milliseconds to wait for the node to answer; 5,000 by default. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds that a call may take where it does not say; 30,000 by default. */
  readonly deadlineMs?: number | undefined;
  /** Sent with every call, for a node that asks for one. */
  readonly token?: string | undefined;
  /** The connection is encrypted; `{}`: with the authorities that Node knows. */
  readonly tls?: TlsOptions | undefined;
}

/** PEM each. */
export interface TlsOptions {
  /** The authority that signed the node's certificate. */
  readonly ca?: Uint8Array | string | undefined;
  /** One's own certificate and its key, for a node that asks for one. */
  readonly cert?: Uint8Array | string | undefined;
  readonly key?: Uint8Array | string | undefined;
}

export interface CallOptions {
  /** Milliseconds that this call may take; the connection's default where not given. */
  readonly deadlineMs?: number | undefined;
  /** Cancels the call: it ends in CANCELLED. What the node has already started may still happen. */
  readonly signal?: AbortSignal | undefined;
}

export interface ResolvedConnectOptions {
  readonly address: string;
  readonly connectTimeoutMs: number;
  readonly deadlineMs: number;
  readonly token: string | undefined;
  readonly tls: TlsOptions | undefined;
}

const ADDRESS = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;
const MAX_PORT = 65_535;
/** The longest that a timer of Node's can run. */
export const MAX_TIMER_MS = 2_147_483_647;

/** @throws INVALID_ARGUMENT for an address that is not HOST:PORT, times outside 1..2^31-1, half of a certificate. */
export function resolveConnectOptions(address: string, options: ConnectOptions): ResolvedConnectOptions {
  const port = Number(ADDRESS.exec(address)?.[1]);
  if (!(port >= 1 && port <= MAX_PORT)) {
    throw new PlexSpacesError(
      'INVALID_ARGUMENT',
      `node address: expected HOST:PORT with a port of 1-${MAX_PORT}, found ${JSON.stringify(address)}`,
    );
  }
  return {
    address,
    connectTimeoutMs: expectTimerMs(options.connectTimeoutMs ?? 5_000, 'connectTimeoutMs'),
    deadlineMs: expectTimerMs(options.deadlineMs ?? 30_000, 'deadlineMs'),
    token: options.token === undefined ? undefined : expectToken(options.token),
    tls: options.tls && expectTls(options.tls),
  };
}

function expectToken(token: string): string {
  if (/^[!-~]+$/.test(token)) return token;
  throw new PlexSpacesError('INVALID_ARGUMENT', 'token: expected printable ASCII without spaces, found something else');
}

function expectTls(tls: TlsOptions): TlsOptions {
  if ((tls.cert === undefined) === (tls.key === undefined)) return tls;
  throw new PlexSpacesError('INVALID_ARGUMENT', 'tls: expected a certificate and its key, found one of them');
}

/** @throws INVALID_ARGUMENT */
export function expectTimerMs(value: number, name: string): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_TIMER_MS) return value;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `${name}: expected an integer of 1-${MAX_TIMER_MS} milliseconds, found ${value}`,
  );
}
