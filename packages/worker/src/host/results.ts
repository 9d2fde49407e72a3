/** How a host function answers the guest: a WIT `result`, written out so that nothing has to be thrown. */
import { PlexSpacesError, toGuestText } from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import type { HostValue } from '../protocol.ts';
import { tupleToWit } from '../wit-tuples.ts';
import type { WitField } from '../wit-tuples.ts';

export type WitResult<T> = { readonly tag: 'ok'; readonly val: T } | { readonly tag: 'err'; readonly val: string };

/** Runs `produce`; an error of the closed set becomes the guest's error text, any other one is a fault of ours. */
export function witResult<T>(produce: () => T): WitResult<T> {
  try {
    return { tag: 'ok', val: produce() };
  } catch (thrown) {
    if (thrown instanceof PlexSpacesError) return { tag: 'err', val: toGuestText(thrown) };
    throw thrown;
  }
}

export function optionalTuple(value: HostValue): WitField[] | undefined {
  if (value.type === 'none') return undefined;
  return tupleToWit(expectValue(value, 'tuple').tuple);
}

export function expectTuples(value: HostValue): readonly Tuple[] {
  return expectValue(value, 'tuples').tuples;
}

export function expectU64(value: HostValue): bigint {
  return expectValue(value, 'u64').value;
}

export function expectBool(value: HostValue): boolean {
  return expectValue(value, 'bool').value;
}

/** @throws INTERNAL where the main thread gave something else. */
export function expectValue<T extends HostValue['type']>(value: HostValue, type: T): Extract<HostValue, { type: T }> {
  if (isOfType(value, type)) return value;
  throw new PlexSpacesError('INTERNAL', `expected ${type} from the host, found ${value.type}`);
}

function isOfType<T extends HostValue['type']>(value: HostValue, type: T): value is Extract<HostValue, { type: T }> {
  return value.type === type;
}
