/**
 * What a component may consist of. Each is far above what Python, Rust and JavaScript components hold (14 core
 * modules and instances, two memories, 2,000 core names), and bounds what one component can make a thread build.
 */
import { PlexSpacesError } from '@plexspaces/core';

export const MAX_CORE_MODULES = 64;
export const MAX_COMPONENTS = 256;
export const MAX_INSTANCES = 1_024;
/** Counted where they happen: a nested component that is instantiated twice counts twice. */
export const MAX_CORE_INSTANCES = 128;
/** Each gets its own maximum, so an instance has at most this many times `memoryBytes`. */
export const MAX_MEMORIES = 4;
export const MAX_TABLES = 32;
export const MAX_TABLE_ELEMENTS = 100_000;
export const MAX_INTERFACES = 128;
export const MAX_CORE_NAMES = 100_000;
export const MAX_NAME_LENGTH = 1_024;
export const MAX_JAVASCRIPT_CHARACTERS: number = 32 * 1024 * 1024;

/** @throws RESOURCE_EXHAUSTED where a component holds more than it may. */
export function expectAtMost(limit: number, found: number, what: string): void {
  if (found <= limit) return;
  throw new PlexSpacesError('RESOURCE_EXHAUSTED', `component: expected at most ${limit} ${what}, found ${found}`);
}
