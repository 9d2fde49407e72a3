/**
 * A service's description as a class in TypeScript over @plexspaces/client.
 *
 * What a node sends becomes code here, so that every name is checked, and notes cannot end their comment.
 */
import type { EnumDescription, MethodDescription, ObjectDescription, ServiceDescription } from '@plexspaces/client';
import { parseServiceId } from '@plexspaces/core';
import { comment } from './comment.ts';
import { classNameOf, expectGraphqlName, methodNameOf, Names } from './names.ts';
import { fieldType, typeText } from './type-text.ts';

export interface TypedClient {
  readonly className: string;
  readonly source: string;
  readonly methods: readonly string[];
}

/** @throws INVALID_ARGUMENT for names and types that are none. */
export function typedClient(description: ServiceDescription): TypedClient {
  const service = parseServiceId(description.service);
  const { objects, enums, methods } = description;
  const className = classNameOf(service);
  const names = new Names(
    [className],
    [...objects, ...enums].map(({ name }) => expectGraphqlName(name)),
  );
  const parts = [
    ...header(service),
    ...objects.map((object) => objectSource(object, names)),
    ...enums.map((values) => enumSource(values, names)),
    classSource(service, className, description, names),
  ];
  return { className, source: `${parts.join('\n\n')}\n`, methods: methods.map(({ name }) => methodNameOf(name)) };
}

function header(service: string): string[] {
  return [
    `/** A client of ${service}, written by \`plexspaces client ${service}\`. */\n` +
      `import type { InvokeOptions, PlexSpacesClient } from '@plexspaces/client';`,
  ];
}

function objectSource({ name, doc, fields }: ObjectDescription, names: Names): string {
  const lines = fields.map((field) => `${comment(field, '  ')}  readonly ${fieldType(field, names)};`);
  return `${comment({ doc }, '')}export interface ${names.of(name)} {\n${lines.join('\n')}\n}`;
}

function enumSource({ name, doc, values }: EnumDescription, names: Names): string {
  const texts = values.map((value) => `'${expectGraphqlName(value.name)}'`);
  return `${comment({ doc }, '')}export type ${names.of(name)} = ${texts.join(' | ')};`;
}

function classSource(service: string, className: string, description: ServiceDescription, names: Names): string {
  const methods = description.methods.map((method) => methodSource(method, names));
  return `${comment(description, '')}export class ${className} {
  readonly #client: PlexSpacesClient;
  readonly #address: string;

  /** @param key of a durable actor; default: \`default\`. */
  constructor(client: PlexSpacesClient, key?: string) {
    this.#client = client;
    this.#address = key === undefined ? '${service}' : \`${service}/\${key}\`;
  }

${methods.join('\n\n')}

  async #call(method: string, input: unknown, options?: InvokeOptions): Promise<unknown> {
    const { value, bytes } = await this.#client.call(this.#address, method, input, options);
    return bytes.length === 0 ? null : value;
  }
}`;
}

function methodSource(method: MethodDescription, names: Names): string {
  const name = expectGraphqlName(method.name);
  const output = typeText(method.output, names);
  const { parameter, value } = inputOf(method, names);
  const given = parameter === '' ? '' : `${parameter}, `;
  return (
    `${comment(method, '  ')}  async ${methodNameOf(name)}(${given}options?: InvokeOptions): Promise<${output}> {\n` +
    `    return (await this.#call('${name}', ${value}, options)) as ${output};\n  }`
  );
}

/** Where everything may be left out, so may the input. */
function inputOf(method: MethodDescription, names: Names): { parameter: string; value: string } {
  const { input, arguments: fields } = method;
  if (input !== undefined) {
    const isOptional = !input.endsWith('!');
    return { parameter: `input: ${typeText(input, names)}${isOptional ? ' = null' : ''}`, value: 'input' };
  }
  if (fields.length === 0) return { parameter: '', value: '{}' };
  const isOptional = fields.every(({ type, defaultValue }) => !type.endsWith('!') || defaultValue !== undefined);
  const type = `{ ${fields.map((field) => `readonly ${fieldType(field, names)}`).join('; ')} }`;
  return { parameter: `input: ${type}${isOptional ? ' = {}' : ''}`, value: 'input' };
}
