/**
 * OKRA's service.description.json as GraphQL text: one element a line, so that a line says which element it was.
 *
 * That form has lost the `!` of a method's input and output, and those within lists: input and output are taken to be
 * there always, what is in a list may be null.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { invalidSchema } from './problems.ts';
import type { Place } from './problems.ts';

export interface TranslatedJson {
  readonly sdl: string;
  readonly service: string;
  readonly namespace: string;
  readonly version: string;
  readonly place: Place;
}

interface Named {
  readonly name: string;
  readonly doc?: string;
}

interface JsonDescription {
  readonly types?: readonly JsonType[] | null;
  readonly enums?: readonly (Named & { readonly values?: readonly Named[] | null })[] | null;
  readonly services: readonly JsonService[];
}

type JsonType = Named & { readonly fields?: readonly JsonField[] | null };
type JsonField = Named & { readonly type: string; readonly required?: boolean };
type JsonMethod = Named & { readonly inputType?: string; readonly outputType: string };
type JsonService = Named & {
  readonly namespace?: string;
  readonly version?: string;
  readonly methods?: readonly JsonMethod[] | null;
};

const NAME = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' };
const TYPE = { type: 'string', pattern: '^\\[{0,8}[A-Za-z_][A-Za-z0-9_]{0,127}[!\\]]{0,17}$' };
const TEXT = { type: 'string' };
/** Of directives only the fact that there is one counts. */
const DIRECTIVES = { type: ['array', 'null'], maxItems: 0 };

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile<JsonDescription>(
  object(['services'], {
    types: list(
      object(['name'], {
        name: NAME,
        doc: TEXT,
        fields: list(
          object(['name', 'type'], {
            name: NAME,
            type: TYPE,
            required: { type: 'boolean' },
            directives: DIRECTIVES,
            doc: TEXT,
          }),
        ),
      }),
    ),
    enums: list(object(['name'], { name: NAME, doc: TEXT, values: list(object(['name'], { name: NAME, doc: TEXT })) })),
    services: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: object(['name'], {
        name: NAME,
        doc: TEXT,
        namespace: TEXT,
        version: TEXT,
        methods: list(
          object(['name', 'outputType'], {
            name: NAME,
            inputType: { anyOf: [TYPE, { const: '' }] },
            outputType: TYPE,
            directives: DIRECTIVES,
            doc: TEXT,
          }),
        ),
      }),
    },
    meta: object([], { namespace: TEXT, version: TEXT, service: TEXT }),
  }),
);

/** @throws INVALID_ARGUMENT with line and column, or with the path of what is wrong. */
export function translateJson(text: string): TranslatedJson {
  const parsed = parseJson(text);
  if (!validate(parsed)) throw invalidSchema(shapeProblem());
  const [service] = parsed.services;
  if (service === undefined) throw invalidSchema('$.services: expected one service, found none');
  const lines = new Lines();
  for (const [index, type] of (parsed.types ?? []).entries()) addType(lines, type, `$.types[${index}]`);
  for (const [index, { values, ...named }] of (parsed.enums ?? []).entries()) {
    lines.block('enum', named, `$.enums[${index}]`, (at) => {
      for (const [place, value] of (values ?? []).entries()) lines.add(value.name, `${at}.values[${place}]`, value.doc);
    });
  }
  addService(lines, service);
  const { namespace = '', version = '' } = service;
  return { sdl: lines.text, service: service.name, namespace, version, place: (position) => lines.pathAt(position) };
}

class Lines {
  readonly #lines: string[] = [];
  readonly #paths: string[] = [];

  get text(): string {
    return this.#lines.join('\n');
  }

  pathAt(position: number): string {
    const line = this.text.slice(0, position).split('\n').length;
    return this.#paths[line - 1] ?? '$';
  }

  /** JSON's escapes are among GraphQL's. */
  add(line: string, path: string, doc = ''): void {
    this.#lines.push(doc === '' ? line : `${JSON.stringify(doc)} ${line}`);
    this.#paths.push(path);
  }

  block(keyword: string, { name, doc }: Named, path: string, addInner: (path: string) => void): void {
    this.add(`${keyword} ${name} {`, path, doc);
    addInner(path);
    this.add('}', path);
  }
}

function addType(lines: Lines, { fields, ...named }: JsonType, path: string): void {
  lines.block('type', named, path, (at) => {
    for (const [index, { name, type, required = false, doc }] of (fields ?? []).entries()) {
      lines.add(`${name}: ${required ? must(type) : type}`, `${at}.fields[${index}]`, doc);
    }
  });
}

function addService(lines: Lines, { methods, ...named }: JsonService): void {
  lines.block('type', named, '$.services[0]', (at) => {
    for (const [index, { name, inputType = '', outputType, doc }] of (methods ?? []).entries()) {
      const input = inputType === '' ? '' : `(input: ${must(inputType)})`;
      lines.add(`${name}${input}: ${must(outputType)}`, `${at}.methods[${index}]`, doc);
    }
  });
}

function must(type: string): string {
  return type.endsWith('!') ? type : `${type}!`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw invalidSchema(`${placeIn(text, detail)}expected JSON: ${detail.slice(0, 200)}`);
  }
}

/** The engine tells either the position or what stands around it. */
function placeIn(text: string, detail: string): string {
  const position = /at position (\d+)/.exec(detail)?.[1];
  const isAtEnd = detail.startsWith('Unexpected end');
  if (position === undefined && !isAtEnd) return '';
  const before = text.slice(0, Number(position ?? text.length)).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: `;
}

function shapeProblem(): string {
  const [error] = validate.errors ?? [];
  const path = (error?.instancePath ?? '').replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll('/', '.');
  const found =
    error?.keyword === 'additionalProperties' ? ` ${JSON.stringify(error.params['additionalProperty'])}` : '';
  return `$${path}: ${error?.message ?? 'expected another shape'}${found}`;
}

function object(required: readonly string[], properties: object): object {
  return { type: 'object', additionalProperties: false, required, properties };
}

/** Go writes an empty list as null. */
function list(items: object): object {
  return { type: ['array', 'null'], items };
}
