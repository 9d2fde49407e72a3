/** This package's version, from its own package.json. */
import { readFileSync } from 'node:fs';
import { PlexSpacesError } from '@plexspaces/core';

export function readVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') {
    return parsed.version;
  }
  throw new PlexSpacesError('INTERNAL', 'package.json: expected a version, found none');
}
