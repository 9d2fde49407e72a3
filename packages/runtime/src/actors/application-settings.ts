/** How an application's actors run: the manifest with its defaults, checked, and nothing left open. */
import { availableParallelism } from 'node:os';
import { parseNamespace, parseServiceId, PlexSpacesError } from '@plexspaces/core';
import { ActorKind } from '@plexspaces/proto';
import type { Durability, Every, Limits, Manifest, Workers } from '@plexspaces/proto';
import { CAPABILITIES } from '../host/scope.ts';
import type { Capability } from '../host/scope.ts';
import type { PoolSize } from '../pool/pool-options.ts';
import type { WorkerLimits } from '../pool/worker-limits.ts';
import { DEFAULT_TENANT } from '../tuplespace/space-name.ts';
import type { IntervalMessage } from '../timers/intervals.ts';
import type { CheckpointPolicy } from './checkpoints.ts';

export type Kind = 'durable' | 'service' | 'singleton';

export interface ResolvedSettings {
  /** Who deployed it: others do not see it, and its tuples are in that tenant's spaces. */
  readonly tenant: string;
  readonly service: string;
  readonly kind: Kind;
  readonly namespace: string;
  readonly workers: PoolSize;
  /** It keeps a journal: actors of kind durable do, and singletons that are told to. */
  readonly isDurable: boolean;
  /** Live durable actors in one thread. */
  readonly residentActors: number;
  readonly limits: WorkerLimits;
  readonly capabilities: ReadonlySet<Capability>;
  readonly checkpoints: CheckpointPolicy;
  /** How long the outcome of a message with an idempotency key is kept. */
  readonly idempotencyMs: number;
  /** Messages that the node sends to it again and again. */
  readonly every: readonly IntervalMessage[];
  /** How often a message that the death of the process interrupted is handled, the first time included. */
  readonly maxAttempts: number;
  /** The text of the service description; undefined: there is none. */
  readonly schema: string | undefined;
}

const MIB = 1_048_576;
const MAX_WORKERS = 256;
/** What a thread used is known to within some 5 ms. */
const MIN_CPU_MS = 10;
const MAX_DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MAX_IDEMPOTENCY_HOURS = 87_600;
const MAX_RESIDENTS = 10_000;
/** Of one application; how many are live at once is the node's to say. */
const MAX_INSTANCES = 100_000;
const MAX_ATTEMPTS = 1_000;
const MAX_EVERY = 16;
const MIN_INTERVAL_MS = 10;
/** 365 days. */
const MAX_INTERVAL_MS = 31_536_000_000;
const MAX_TYPE_LENGTH = 256;
const MAX_EVERY_BYTES = 262_144;
const MAX_UINT32 = 4_294_967_295;

/**
 * @param name the service id where the manifest names none.
 * @throws INVALID_ARGUMENT naming the field that is wrong. The description is not read here.
 */
export function resolveSettings(
  name: string,
  manifest: Manifest | undefined,
  tenant: string = DEFAULT_TENANT,
): ResolvedSettings {
  const kind = resolveKind(manifest?.kind);
  const workers = resolveWorkers(kind, manifest?.workers);
  return {
    tenant,
    service: parseServiceId(manifest?.service || name),
    kind,
    isDurable: kind === 'durable' || (kind === 'singleton' && manifest?.durability !== undefined),
    namespace: parseNamespace(manifest?.namespace || 'default'),
    workers,
    residentActors: resolveResidents(kind, manifest?.workers, workers),
    limits: resolveLimits(manifest?.limits),
    capabilities: resolveCapabilities(manifest?.capabilities?.names),
    checkpoints: resolveCheckpoints(manifest?.durability),
    idempotencyMs: resolveIdempotency(manifest?.durability) * HOUR_MS,
    every: resolveEvery(manifest?.every ?? []),
    maxAttempts: inRange('durability.maxAttempts', manifest?.durability?.maxAttempts ?? 5, 1, MAX_ATTEMPTS),
    schema: manifest?.schema || undefined,
  };
}

function resolveKind(kind: ActorKind | undefined): Kind {
  switch (kind) {
    case ActorKind.ACTOR_KIND_SERVICE:
      return 'service';
    case ActorKind.ACTOR_KIND_SINGLETON:
      return 'singleton';
    case undefined:
    case ActorKind.ACTOR_KIND_UNSPECIFIED:
    case ActorKind.ACTOR_KIND_DURABLE:
      return 'durable';
    default:
      throw new PlexSpacesError(
        'INVALID_ARGUMENT',
        `kind: expected durable, service or singleton, found number ${kind}`,
      );
  }
}

function resolveWorkers(kind: Kind, workers: Workers | undefined): PoolSize {
  const isSingleton = kind === 'singleton';
  const min = inRange('workers.min', workers?.min ?? 1, 1, MAX_WORKERS);
  const max = inRange(
    'workers.max',
    workers?.max ?? (isSingleton ? 1 : Math.max(min, availableParallelism())),
    1,
    MAX_WORKERS,
  );
  if (max < min) throw invalid('workers.max', `at least workers.min (${min})`, max);
  if (isSingleton && max !== 1) throw invalid('workers.max', '1 for a singleton', max);
  return {
    min,
    max,
    idleTimeoutMs: inRange('workers.idleTimeoutMs', workers?.idleTimeoutMs ?? 60_000, 100, MAX_DAY_MS),
    queueLimit: inRange('workers.queueLimit', workers?.queueLimit ?? 1000, 0, 1_000_000),
  };
}

function resolveResidents(kind: Kind, workers: Workers | undefined, size: PoolSize): number {
  const residents = inRange('workers.residentActors', workers?.residentActors ?? 1, 1, MAX_RESIDENTS);
  if (residents > 1 && kind !== 'durable') throw invalid('workers.residentActors', `1 for a ${kind}`, residents);
  inRange('workers.max times workers.residentActors', size.max * residents, 1, MAX_INSTANCES);
  return residents;
}

function resolveLimits(limits: Limits | undefined): WorkerLimits {
  return {
    memoryBytes: inRange('limits.memoryBytes', limits?.memoryBytes ?? 256 * MIB, 65_536, 4096 * MIB),
    callMs: inRange('limits.callMs', limits?.callMs ?? 30_000, 1, MAX_DAY_MS),
    cpuMs: inRange('limits.cpuMs', limits?.cpuMs ?? 30_000, MIN_CPU_MS, MAX_DAY_MS),
    payloadBytes: inRange('limits.payloadBytes', limits?.payloadBytes ?? 4 * MIB, 1, 64 * MIB),
    replyBytes: inRange('limits.replyBytes', limits?.replyBytes ?? 4 * MIB, 1, 64 * MIB),
    heapBytes: inRange('limits.heapBytes', limits?.heapBytes ?? 128 * MIB, 32 * MIB, 4096 * MIB),
    stackBytes: inRange('limits.stackBytes', limits?.stackBytes ?? 4 * MIB, MIB, 64 * MIB),
    logBytesPerSecond: inRange('limits.logBytesPerSecond', limits?.logBytesPerSecond ?? 65_536, 0, 100 * MIB),
  };
}

function resolveCheckpoints(durability: Durability | undefined): CheckpointPolicy {
  return {
    everyMessages: inRange('durability.checkpointEvery', durability?.checkpointEvery ?? 100, 1, MAX_UINT32),
    everyBytes: inRange('durability.checkpointBytes', durability?.checkpointBytes ?? MIB, 1, 1024 * MIB),
    everyMs: inRange('durability.checkpointMs', durability?.checkpointMs ?? 60_000, 1, MAX_DAY_MS),
    keepSnapshots: inRange('durability.keepSnapshots', durability?.keepSnapshots ?? 2, 1, 100),
  };
}

function resolveIdempotency(durability: Durability | undefined): number {
  return inRange('durability.idempotencyHours', durability?.idempotencyHours ?? 24, 1, MAX_IDEMPOTENCY_HOURS);
}

function resolveEvery(every: readonly Every[]): IntervalMessage[] {
  inRange('every: entries', every.length, 0, MAX_EVERY);
  return every.map(({ intervalMs, messageType, payload }, index) => {
    const at = `every[${index}]`;
    inRange(`${at}.messageType: characters`, messageType.length, 1, MAX_TYPE_LENGTH);
    inRange(`${at}.payload: bytes`, payload.length, 0, MAX_EVERY_BYTES);
    return {
      intervalMs: inRange(`${at}.intervalMs`, intervalMs, MIN_INTERVAL_MS, MAX_INTERVAL_MS),
      messageType,
      payload,
    };
  });
}

function resolveCapabilities(names: readonly string[] | undefined): ReadonlySet<Capability> {
  if (names === undefined) return new Set(CAPABILITIES);
  return new Set(names.map(expectCapability));
}

function expectCapability(name: string): Capability {
  const known = CAPABILITIES.find((capability) => capability === name);
  if (known === undefined) throw invalid('capabilities', `one of ${CAPABILITIES.join(', ')}`, name);
  return known;
}

function inRange(field: string, value: number | bigint, least: number, most: number): number {
  const number = Number(value);
  if (number >= least && number <= most) return number;
  throw invalid(field, `${least} to ${most}`, value);
}

function invalid(field: string, expected: string, found: number | bigint | string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `${field}: expected ${expected}, found ${found}`, {
    reason: 'VALIDATION',
  });
}
