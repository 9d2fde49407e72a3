/** How a program says what its actors are like: the keys of plexspaces.json, and what it injects. */
import { encodeInput, PlexSpacesError } from '@plexspaces/core';
import { toManifestMessage } from '@plexspaces/proto';
import type { ActorKindName, ManifestEvery, ManifestLimits, ManifestWorkers } from '@plexspaces/proto';
import { resolveSettings } from '../actors/application-settings.ts';
import type { ResolvedSettings } from '../actors/application-settings.ts';
import { capabilitiesOf } from './surroundings.ts';
import type { HostApis } from './surroundings.ts';
import { NAMESPACE } from './tuple-space.ts';

export interface WorkerPoolOptions {
  /** The actor's address, which the guest reads as `self-id`. Default: one that no other has in this process. */
  readonly service?: string | undefined;
  /** `min` (1) workers are warm before the first call, `max` (the number of cores) is never passed. */
  readonly workers?: PoolWorkers | undefined;
  readonly limits?: ManifestLimits | undefined;
  /** Default: none. */
  readonly hostApis?: HostApis | undefined;
  /** The text of a service description: what calls and replies are checked against. Default: they are not. */
  readonly schema?: string | undefined;
  /** The guest's environment. Default: empty. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What each instance's `init` is given: a JSON value, or bytes. Default: no bytes. */
  readonly initialState?: unknown;
  /**
   * Where what is made of components is kept, also for other processes. It is code that will run: nobody else may be
   * able to write there. Default: a temporary directory, which goes with the last actor.
   */
  readonly cacheDirectory?: string | undefined;
}

export type PoolWorkers = Pick<ManifestWorkers, 'min' | 'max' | 'idleTimeoutMs' | 'queueLimit'>;

export interface ActorOptions extends WorkerPoolOptions {
  /** Messages that come by themselves, to the guest's `handle-message`; at most 16. */
  readonly every?: readonly ManifestEvery[] | undefined;
}

/** With what is left out, and nothing left open. */
export interface ResolvedActorOptions {
  readonly settings: ResolvedSettings;
  readonly hostApis: HostApis;
  readonly environment: Readonly<Record<string, string>>;
  readonly initialState: Uint8Array;
  readonly cacheDirectory: string | undefined;
}

const KNOWN: ReadonlySet<string> = new Set([
  'service',
  'workers',
  'limits',
  'hostApis',
  'schema',
  'env',
  'initialState',
  'cacheDirectory',
  'every',
] satisfies (keyof ActorOptions)[]);
const KNOWN_APIS: ReadonlySet<string> = new Set([
  'tuplespace',
  'state',
  'logging',
  'timers',
] satisfies (keyof HostApis)[]);

let unnamed = 0;

/** @throws INVALID_ARGUMENT naming what is unknown or out of its range, UNIMPLEMENTED naming what is not served. */
export function resolveActorOptions(kind: ActorKindName, options: ActorOptions): ResolvedActorOptions {
  const { hostApis = {}, workers, limits, every, schema, initialState } = options;
  expectKnown('options', options, KNOWN);
  expectKnown('hostApis', hostApis, KNOWN_APIS);
  const service = options.service ?? `Actor-${(unnamed += 1)}`;
  const capabilities = capabilitiesOf(hostApis);
  const how = { workers, limits, capabilities, every, schema };
  const manifest = toManifestMessage({ service, kind, namespace: NAMESPACE, ...how });
  return {
    settings: resolveSettings(service, manifest),
    hostApis,
    environment: { ...options.env },
    initialState: initialState === undefined ? new Uint8Array() : encodeInput(initialState),
    cacheDirectory: options.cacheDirectory,
  };
}

function expectKnown(what: string, given: object, known: ReadonlySet<string>): void {
  const unknown = Object.keys(given).find((key) => !known.has(key));
  if (unknown === undefined) return;
  const expected = [...known].join(', ');
  throw new PlexSpacesError('INVALID_ARGUMENT', `${what}: expected ${expected}, found ${JSON.stringify(unknown)}`, {
    reason: 'VALIDATION',
  });
}
