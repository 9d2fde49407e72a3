/** What a service says of itself, whatever form it was written in: methods, and the types of what they take and give. */

export type DescriptionForm = 'graphql' | 'okra' | 'json';

export interface Description {
  readonly form: DescriptionForm;
  /** As it was deployed. */
  readonly text: string;
  /** Of the described service in its own text; callers address the application's service id. */
  readonly name: string;
  readonly doc: string;
  /** OKRA's; empty: not said. */
  readonly namespace: string;
  readonly version: string;
  readonly methods: ReadonlyMap<string, Method>;
  /** Objects and enums; scalars are known by their names. */
  readonly types: ReadonlyMap<string, TypeDefinition>;
}

export interface Method {
  readonly name: string;
  readonly doc: string;
  /** Why it should not be called any more. */
  readonly deprecated: string | undefined;
  readonly input: MethodInput;
  readonly output: TypeReference;
}

/** What the payload is: nothing, one value, or an object with a field for each argument. */
export type MethodInput =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly type: TypeReference }
  | { readonly kind: 'fields'; readonly fields: readonly Field[] };

export type TypeReference =
  | { readonly kind: 'named'; readonly name: string; readonly isRequired: boolean }
  | { readonly kind: 'list'; readonly item: TypeReference; readonly isRequired: boolean };

export type TypeDefinition = ObjectDefinition | EnumDefinition;

export interface ObjectDefinition {
  readonly kind: 'object';
  readonly name: string;
  readonly doc: string;
  readonly fields: readonly Field[];
}

export interface EnumDefinition {
  readonly kind: 'enum';
  readonly name: string;
  readonly doc: string;
  readonly values: readonly EnumValue[];
}

export interface Field {
  readonly name: string;
  readonly doc: string;
  readonly type: TypeReference;
  /** What the guest takes where the field is missing, as it is written; payloads are not completed with it. */
  readonly defaultValue: string | undefined;
  readonly deprecated: string | undefined;
}

export interface EnumValue {
  readonly name: string;
  readonly doc: string;
  readonly deprecated: string | undefined;
}

/** In GraphQL's notation, e.g. `[Float!]!`. */
export function formatType(type: TypeReference): string {
  const name = type.kind === 'named' ? type.name : `[${formatType(type.item)}]`;
  return type.isRequired ? `${name}!` : name;
}

/** It must be there: it is not null, and nothing is taken where it is missing. */
export function isMandatory({ type, defaultValue }: Field): boolean {
  return type.isRequired && defaultValue === undefined;
}
