/** Listings in pages: how many, and from where on. */
import { PlexSpacesError, quote } from '@plexspaces/core';

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1000;

/** @throws INVALID_ARGUMENT */
export function pageSizeOf(wanted: number): number {
  if (wanted <= MAX_PAGE_SIZE) return wanted || DEFAULT_PAGE_SIZE;
  throw new PlexSpacesError('INVALID_ARGUMENT', `page_size: expected 0 to ${MAX_PAGE_SIZE}, found ${wanted}`);
}

/** The place where the page before ended, in a form that nobody takes for more than a token. */
export function toPageToken(place: string): string {
  return Buffer.from(place).toString('base64url');
}

/** @param parse throws where the place is none. @throws INVALID_ARGUMENT */
export function parsePageToken<T>(token: string, parse: (place: string) => T): T {
  try {
    return parse(Buffer.from(token, 'base64url').toString());
  } catch (cause) {
    const message = `page_token: expected a next_page_token of this node, found ${quote(token)}`;
    throw new PlexSpacesError('INVALID_ARGUMENT', message, { cause });
  }
}
