/** What cargo wrote when it failed, as an error that tells the author what to mend, in the compiler's own words. */
import { PlexSpacesError } from '@plexspaces/core';

/** Cargo's own lines about what it is at: `   Compiling serde v1.0.229`. */
const PROGRESS =
  /^\s*(?:Updating|Locking|Adding|Downloading|Downloaded|Compiling|Building|Blocking|Finished|Waiting)\s/;
/** A registry that cannot be reached is nothing that the author could mend. */
const UNREACHABLE = /spurious network error|could not resolve host|couldn't connect|failed to download from/i;
const MAX_CHARACTERS = 16_384;

export function explainFailure(stderr: string, name: string): PlexSpacesError {
  const lines = stderr.split('\n').filter((line) => !PROGRESS.test(line));
  const text = lines.join('\n').trim();
  const shown = text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
  const code = UNREACHABLE.test(text) ? 'UNAVAILABLE' : 'INVALID_ARGUMENT';
  return new PlexSpacesError(code, `cannot build ${name}: ${shown || 'cargo said nothing'}`);
}
