/** How a host function answers the guest: a WIT `result`, written out so that nothing has to be thrown. */
import { PlexSpacesError, toGuestText } from '@plexspaces/core';

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
