/** What a simulation demands of the parts it runs, said in words where it is not so. */
import { inspect, isDeepStrictEqual } from 'node:util';

export class Unmet extends Error {}

/** @throws Unmet with what was expected and what was found. */
export function demand(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Unmet(`${what}: expected ${show(expected)}, found ${show(found)}`);
}

/** @throws Unmet */
export function demandThat(what: string, holds: boolean): void {
  if (!holds) throw new Unmet(what);
}

function show(value: unknown): string {
  return inspect(value, { depth: 5, breakLength: Infinity });
}
