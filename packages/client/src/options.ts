/** What connect() and every call may be given, with defaults and limits. */
import { PlexSpacesError } from '@plexspaces/core';

export interface ConnectOptions {
  /** Milliseconds to wait for the node to answer; 5,000 by default. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds that a call may take where it does not say; 30,000 by default. */
  readonly deadlineMs?: number | undefined;
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
}

const ADDRESS = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;
const MAX_PORT = 65_535;
/** The longest that a timer of Node's can run. */
export const MAX_TIMER_MS = 2_147_483_647;

/** @throws INVALID_ARGUMENT for an address that is not HOST:PORT and for times outside 1..2^31-1. */
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
  };
}

/** @throws INVALID_ARGUMENT */
export function expectTimerMs(value: number, name: string): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_TIMER_MS) return value;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `${name}: expected an integer of 1-${MAX_TIMER_MS} milliseconds, found ${value}`,
  );
}
