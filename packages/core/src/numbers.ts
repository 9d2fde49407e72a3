/** Numbers of a program as the wire's unsigned integers. */
import { PlexSpacesError } from './errors.ts';

/** @throws INVALID_ARGUMENT unless it is an integer of 0..2^53-1. */
export function toUint64(value: number, name: string): bigint {
  return BigInt(expectCount(value, name));
}

/** @throws INVALID_ARGUMENT unless every value that is there is an integer of 0..2^53-1. */
export function expectCounts<Section extends object>(section: Section, name: string): Section {
  for (const [key, value] of Object.entries(section)) {
    if (value !== undefined) expectCount(value, `${name}.${key}`);
  }
  return section;
}

function expectCount(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new PlexSpacesError('INVALID_ARGUMENT', `${name}: expected an integer of 0 or more, found ${String(value)}`, {
    reason: 'VALIDATION',
  });
}
