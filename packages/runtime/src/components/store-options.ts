/** What a component store may use, with its defaults. */
import { PlexSpacesError } from '@plexspaces/core';

const KIB = 1024;
const MIB = 1024 * KIB;
/** The longest that a component can be in the making. */
export const MAX_TIMEOUT_MS = 3_600_000;

export interface ComponentStoreOptions {
  /** The largest component that is taken, in bytes; default 256 MiB. */
  readonly maxComponentBytes?: number;
  /** How long one transpiling process may run, in milliseconds; default 60,000. */
  readonly transpileMs?: number;
  /** JavaScript heap of the transpiling process, in bytes; default 1 GiB. */
  readonly transpileHeapBytes?: number;
  /** One WebAssembly memory in the transpiling process, in bytes; default 2 GiB. */
  readonly transpileMemoryBytes?: number;
  /** Resident memory at which the transpiling process is ended (looked at where there is /proc); default 3 GiB. */
  readonly transpileResidentBytes?: number;
  /** Transpiling processes at once; default 1. */
  readonly transpileConcurrency?: number;
  /** How many may wait for a transpiling process; default 64. */
  readonly transpileQueueLimit?: number;
  /** Bytes of core modules whose compiled form is kept at hand; default 256 MiB. */
  readonly compileCacheBytes?: number;
  /** Other processes may use the directory at the same time; default: this one alone does. */
  readonly isShared?: boolean;
  /** For negative controls in tests only: no check of names, interfaces or generated code. */
  readonly unsafeSkipScreening?: boolean;
}

export type ResolvedComponentStoreOptions = Required<ComponentStoreOptions>;

/** @throws INVALID_ARGUMENT naming the option that is out of its range. */
export function resolveComponentStoreOptions(options: ComponentStoreOptions = {}): ResolvedComponentStoreOptions {
  return {
    maxComponentBytes: inRange('maxComponentBytes', options.maxComponentBytes, 256 * MIB, 8, 1024 * MIB),
    transpileMs: inRange('transpileMs', options.transpileMs, 60_000, 1, MAX_TIMEOUT_MS),
    transpileHeapBytes: inRange('transpileHeapBytes', options.transpileHeapBytes, 1024 * MIB, 64 * MIB, 16_384 * MIB),
    transpileMemoryBytes: inRange('transpileMemoryBytes', options.transpileMemoryBytes, 2048 * MIB, MIB, 4096 * MIB),
    transpileResidentBytes: inRange(
      'transpileResidentBytes',
      options.transpileResidentBytes,
      3072 * MIB,
      MIB,
      65_536 * MIB,
    ),
    transpileConcurrency: inRange('transpileConcurrency', options.transpileConcurrency, 1, 1, 64),
    transpileQueueLimit: inRange('transpileQueueLimit', options.transpileQueueLimit, 64, 0, 65_536),
    compileCacheBytes: inRange('compileCacheBytes', options.compileCacheBytes, 256 * MIB, 0, 16_384 * MIB),
    isShared: options.isShared ?? false,
    unsafeSkipScreening: options.unsafeSkipScreening ?? false,
  };
}

function inRange(name: string, value: number | undefined, fallback: number, min: number, max: number): number {
  const chosen = value ?? fallback;
  if (Number.isSafeInteger(chosen) && chosen >= min && chosen <= max) return chosen;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `component store: expected ${name} to be an integer from ${min} to ${max}, found ${chosen}`,
  );
}
