/** A payload that a method accepts, for whoever reads its description. */
import type { Description, Field, Method, TypeReference } from './description.ts';
import { isMandatory } from './description.ts';
import { SCALARS } from './scalars.ts';

/** Types may hold each other many times over: what has more values than this has no example. */
const MAX_VALUES = 500;
/** What may be left out is shown down to this depth. */
const OPTIONAL_DEPTH = 2;

/** As JSON; undefined: it takes none, or one that is too large to show. */
export function exampleOf(method: Method, description: Description): string | undefined {
  const { input } = method;
  if (input.kind === 'none') return undefined;
  const example = new Example(description);
  const value = input.kind === 'value' ? example.of(input.type, 0) : example.ofFields(input.fields, 0);
  return example.isTooLarge ? undefined : JSON.stringify(value);
}

class Example {
  readonly #types: Description['types'];
  #values = 0;

  constructor({ types }: Description) {
    this.#types = types;
  }

  get isTooLarge(): boolean {
    return this.#values > MAX_VALUES;
  }

  of(type: TypeReference, depth: number): unknown {
    this.#values += 1;
    if (this.isTooLarge) return null;
    if (type.kind === 'list') return depth > OPTIONAL_DEPTH ? [] : [this.of(type.item, depth + 1)];
    const defined = this.#types.get(type.name);
    if (defined === undefined) return SCALARS.get(type.name)?.example;
    return defined.kind === 'enum' ? defined.values[0]?.name : this.ofFields(defined.fields, depth);
  }

  ofFields(fields: readonly Field[], depth: number): Readonly<Record<string, unknown>> {
    const isShown = (field: Field): boolean => isMandatory(field) || depth < OPTIONAL_DEPTH;
    return Object.fromEntries(fields.filter(isShown).map(({ name, type }) => [name, this.of(type, depth + 1)]));
  }
}
