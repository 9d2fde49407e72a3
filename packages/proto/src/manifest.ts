/** How an application's actors run, as a program says it; the same keys as plexspaces.json. */
import { expectCounts, toUint64 } from '@plexspaces/core';
import { ActorKind } from '../gen/plexspaces/v1/manifest.ts';
import type { Manifest } from '../gen/plexspaces/v1/manifest.ts';

export type ActorKindName = 'durable' | 'service' | 'singleton';

/** Everything may be left out; the node's defaults then hold. */
export interface ApplicationManifest {
  /** Segments of `[A-Za-z][A-Za-z0-9_-]*` joined by dots; the application's name by default. */
  readonly service?: string | undefined;
  /** `durable` by default, of a core module `service`. */
  readonly kind?: ActorKindName | undefined;
  /** Of the tuple space; `default` by default. */
  readonly namespace?: string | undefined;
  readonly workers?: ManifestWorkers | undefined;
  readonly durability?: ManifestDurability | undefined;
  readonly limits?: ManifestLimits | undefined;
  /** tuplespace, messaging, timers, state, log: all of them by default, none if the list is empty. */
  readonly capabilities?: readonly string[] | undefined;
  /** Messages that the node sends to the application by itself; at most 16. */
  readonly every?: readonly ManifestEvery[] | undefined;
  /** The text of the service description. */
  readonly schema?: string | undefined;
}

export interface ManifestWorkers {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly idleTimeoutMs?: number | undefined;
  readonly queueLimit?: number | undefined;
  readonly residentActors?: number | undefined;
}

export interface ManifestDurability {
  readonly checkpointEvery?: number | undefined;
  readonly checkpointBytes?: number | undefined;
  readonly checkpointMs?: number | undefined;
  readonly keepSnapshots?: number | undefined;
  readonly idempotencyHours?: number | undefined;
  readonly maxAttempts?: number | undefined;
}

export interface ManifestLimits {
  readonly memoryBytes?: number | undefined;
  readonly callMs?: number | undefined;
  readonly cpuMs?: number | undefined;
  readonly payloadBytes?: number | undefined;
  readonly replyBytes?: number | undefined;
  readonly heapBytes?: number | undefined;
  readonly stackBytes?: number | undefined;
  readonly logBytesPerSecond?: number | undefined;
}

export interface ManifestEvery {
  /** 10 to 31,536,000,000, which is 365 days. */
  readonly intervalMs: number;
  readonly messageType: string;
  /** A JSON value. */
  readonly payload?: unknown;
}

const KINDS: Readonly<Record<ActorKindName, ActorKind>> = {
  durable: ActorKind.ACTOR_KIND_DURABLE,
  service: ActorKind.ACTOR_KIND_SERVICE,
  singleton: ActorKind.ACTOR_KIND_SINGLETON,
};

/** @throws INVALID_ARGUMENT for a number that is no count. */
export function toManifestMessage(manifest: ApplicationManifest): Manifest {
  return {
    service: manifest.service ?? '',
    kind: manifest.kind === undefined ? ActorKind.ACTOR_KIND_UNSPECIFIED : KINDS[manifest.kind],
    namespace: manifest.namespace ?? '',
    workers: manifest.workers && workersMessage(manifest.workers),
    durability: manifest.durability && durabilityMessage(manifest.durability),
    limits: manifest.limits && limitsMessage(manifest.limits),
    capabilities: manifest.capabilities && { names: [...manifest.capabilities] },
    every: (manifest.every ?? []).map(everyMessage),
    schema: manifest.schema ?? '',
  };
}

/** @returns undefined for a kind that is not set or not known. */
export function actorKindName(kind: ActorKind): ActorKindName | undefined {
  switch (kind) {
    case ActorKind.ACTOR_KIND_DURABLE:
      return 'durable';
    case ActorKind.ACTOR_KIND_SERVICE:
      return 'service';
    case ActorKind.ACTOR_KIND_SINGLETON:
      return 'singleton';
    default:
      return undefined;
  }
}

function workersMessage(workers: ManifestWorkers): Manifest['workers'] {
  const { idleTimeoutMs, ...others } = expectCounts(workers, 'workers');
  return { ...others, idleTimeoutMs: toBigInt(idleTimeoutMs) };
}

function durabilityMessage(durability: ManifestDurability): Manifest['durability'] {
  const { checkpointBytes, checkpointMs, ...others } = expectCounts(durability, 'durability');
  return { ...others, checkpointBytes: toBigInt(checkpointBytes), checkpointMs: toBigInt(checkpointMs) };
}

function limitsMessage(given: ManifestLimits): Manifest['limits'] {
  const limits = expectCounts(given, 'limits');
  return {
    memoryBytes: toBigInt(limits.memoryBytes),
    callMs: toBigInt(limits.callMs),
    cpuMs: toBigInt(limits.cpuMs),
    payloadBytes: toBigInt(limits.payloadBytes),
    replyBytes: toBigInt(limits.replyBytes),
    heapBytes: toBigInt(limits.heapBytes),
    stackBytes: toBigInt(limits.stackBytes),
    logBytesPerSecond: toBigInt(limits.logBytesPerSecond),
  };
}

function everyMessage(every: ManifestEvery): Manifest['every'][number] {
  const payload = every.payload === undefined ? '' : JSON.stringify(every.payload);
  return {
    intervalMs: toUint64(every.intervalMs, 'every.intervalMs'),
    messageType: every.messageType,
    payload: new TextEncoder().encode(payload),
  };
}

function toBigInt(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
