/** Names of a description as names in TypeScript. */
import { PlexSpacesError, quote } from '@plexspaces/core';

const GRAPHQL_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/;
const VERSION = /^v\d+$/i;
/** What the written file uses itself, and what TypeScript lets nobody call a type. */
const TAKEN = (
  'InvokeOptions PlexSpacesClient Promise any unknown never void null undefined object string number bigint boolean ' +
  'symbol true false this break case catch class const continue debugger default delete do else enum export extends ' +
  'finally for function if import in instanceof new return super switch throw try typeof var while with as ' +
  'implements interface let package private protected public static yield await async type'
).split(' ');
/** A class has one of its own; whoever has `then` is taken for a promise. */
const NO_METHODS = ['constructor', 'then'];

/** The types of one file. */
export class Names {
  readonly #names = new Map<string, string>();

  constructor(taken: readonly string[], types: readonly string[]) {
    const used = new Set([...TAKEN, ...taken]);
    for (const type of types) {
      let name = type;
      while (used.has(name)) name += '_';
      used.add(name);
      this.#names.set(type, name);
    }
  }

  /** @throws INVALID_ARGUMENT where the description has no such type. */
  of(type: string): string {
    const name = this.#names.get(type);
    if (name === undefined) throw invalid('a type of the description', type);
    return name;
  }
}

/** `demo.Calculator.v1` is `CalculatorClient`. */
export function classNameOf(service: string): string {
  const segments = service.split('.');
  const named = segments.findLast((segment) => !VERSION.test(segment)) ?? segments[0] ?? '';
  const words = named.split(/[-_]+/).filter((word) => word !== '');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Client`;
}

export function methodNameOf(name: string): string {
  return NO_METHODS.includes(name) ? `${name}_` : name;
}

/** @throws INVALID_ARGUMENT */
export function expectGraphqlName(name: string): string {
  if (GRAPHQL_NAME.test(name)) return name;
  throw invalid('a name of letters, digits and underscores', name);
}

export function invalid(expected: string, found: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `description: expected ${expected}, found ${quote(found)}`);
}
