/**
 * The alphabet of names that reach generated code.
 *
 * The generator writes the names of core imports and exports into JavaScript as they are. Components that
 * real tools make need letters, digits and `# $ - . / : @ [ ] _ |` only; a quote, a backslash or a line break
 * in one of them would be code.
 */
import { PlexSpacesError, quote } from '@plexspaces/core';
import { MAX_NAME_LENGTH } from './screening-limits.ts';

const SAFE = /^[A-Za-z0-9#$\-./:@[\]_|]*$/;

/** What the generator itself calls the functions that join two components of one binary. */
const TRANSCODER = /^[a-z0-9-]{1,40} \(mem\d{1,4} => mem\d{1,4}\)$/;
const MEMORY_ACCESS = /^mem\d{1,4} [A-Za-z0-9]{1,40}$/;

/** Keys by which JavaScript reaches code from data. */
const REFUSED = new Set([
  'constructor',
  '__proto__',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
]);

/** @throws INVALID_ARGUMENT (UNSAFE_NAME) showing the name, escaped. */
export function expectSafeName(name: string, what: string): void {
  if (isSafeName(name) && !isRefusedKey(name)) return;
  throw unsafe(
    `${what}: expected at most ${MAX_NAME_LENGTH} letters, digits and # $ - . / : @ [ ] _ | ` +
      `(and no key such as constructor), found ${quote(name)}`,
  );
}

export function isSafeName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && (SAFE.test(name) || isGenerators(name));
}

function isGenerators(name: string): boolean {
  return TRANSCODER.test(name) || MEMORY_ACCESS.test(name);
}

export function isRefusedKey(name: string): boolean {
  return REFUSED.has(name);
}

export function unsafe(message: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', message, { reason: 'UNSAFE_NAME' });
}
