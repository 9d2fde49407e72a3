/** How calls ended, told shortly: the answer's text, or the error's code and reason. */
import { PlexSpacesError } from '@plexspaces/core';

export async function outcomesOf(calls: readonly Promise<Uint8Array>[]): Promise<string[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((result) =>
    result.status === 'fulfilled' ? `ok ${Buffer.from(result.value).toString()}` : codeOf(result.reason),
  );
}

export function codeOf(thrown: unknown): string {
  const { code, reason } = PlexSpacesError.from(thrown);
  return reason === undefined ? code : `${code} ${reason}`;
}

/** Of each outcome how many there are. */
export function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
