/** A description as JSON Schema (2020-12, as OpenAPI 3.1 has it): of each method, and of the types that they share. */
import type { Description, EnumDefinition, Field, Method, TypeDefinition, TypeReference } from './description.ts';
import { isMandatory } from './description.ts';
import { SCALARS } from './scalars.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface MethodSchemas {
  readonly name: string;
  readonly doc: string;
  readonly isDeprecated: boolean;
  /** Undefined: it takes no payload. */
  readonly input: JsonSchema | undefined;
  readonly output: JsonSchema;
}

export interface DescriptionSchemas {
  readonly methods: readonly MethodSchemas[];
  /** By the names of the types; references lead to `refPrefix` and the name. */
  readonly types: Readonly<Record<string, JsonSchema>>;
}

/** @param refPrefix in front of a type's name in `$ref`, e.g. `#/components/schemas/demo.Calculator.v1.`. */
export function jsonSchemasOf(description: Description, refPrefix: string): DescriptionSchemas {
  const schemas = new Schemas(description, refPrefix);
  const types = [...description.types.values()].map((type) => [type.name, schemas.ofDefined(type)] as const);
  const methods = [...description.methods.values()].map((method) => schemas.ofMethod(method));
  return { methods, types: Object.fromEntries(types) };
}

class Schemas {
  readonly #types: Description['types'];
  readonly #refPrefix: string;

  constructor({ types }: Description, refPrefix: string) {
    this.#types = types;
    this.#refPrefix = refPrefix;
  }

  ofMethod({ name, doc, deprecated, input, output }: Method): MethodSchemas {
    const isDeprecated = deprecated !== undefined;
    return { name, doc, isDeprecated, input: this.#ofInput(input), output: this.#of(output) };
  }

  ofDefined(type: TypeDefinition): JsonSchema {
    const described = { title: type.name, ...withDoc(type.doc) };
    return type.kind === 'enum' ? { ...described, ...ofEnum(type) } : { ...described, ...this.#ofFields(type.fields) };
  }

  #ofInput(input: Method['input']): JsonSchema | undefined {
    if (input.kind === 'none') return undefined;
    return input.kind === 'value' ? this.#of(input.type) : this.#ofFields(input.fields);
  }

  #ofFields(fields: readonly Field[]): JsonSchema {
    const properties = fields.map((field) => [field.name, this.#ofField(field)] as const);
    const required = fields.filter(isMandatory).map(({ name }) => name);
    return { type: 'object', additionalProperties: false, required, properties: Object.fromEntries(properties) };
  }

  #ofField({ type, doc, deprecated }: Field): JsonSchema {
    return { ...this.#of(type), ...withDoc(doc), ...(deprecated !== undefined && { deprecated: true }) };
  }

  #of(type: TypeReference): JsonSchema {
    const schema = type.kind === 'list' ? { type: 'array', items: this.#of(type.item) } : this.#ofNamed(type.name);
    return type.isRequired ? schema : { anyOf: [schema, { type: 'null' }] };
  }

  #ofNamed(name: string): JsonSchema {
    return this.#types.has(name) ? { $ref: `${this.#refPrefix}${name}` } : (SCALARS.get(name)?.jsonSchema ?? {});
  }
}

function ofEnum({ values }: EnumDefinition): JsonSchema {
  return { type: 'string', enum: values.map(({ name }) => name) };
}

function withDoc(doc: string): JsonSchema {
  return doc === '' ? {} : { description: doc };
}
