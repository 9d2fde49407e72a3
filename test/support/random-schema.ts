/** Random descriptions, payloads that they accept, and payloads that are a little or wholly different. */
import fc from 'fast-check';
import type { GeneratorValue } from 'fast-check';
import { formatType } from '../../packages/runtime/src/description/description.ts';
import type { TypeReference } from '../../packages/runtime/src/description/description.ts';

export type Draw = GeneratorValue;
export type Json = unknown;

/** Objects T0, T1, … and enums E0, E1, …; a payload is of type `input`. */
export interface RandomSchema {
  readonly objects: readonly (readonly RandomField[])[];
  readonly enums: readonly (readonly string[])[];
  readonly input: TypeReference;
}

export interface RandomField {
  readonly name: string;
  readonly type: TypeReference;
}

const MAX_DEPTH = 4;
const text = (): fc.Arbitrary<string> => fc.string({ maxLength: 8 });
const day = (): fc.Arbitrary<Date> =>
  fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
const double = (): fc.Arbitrary<number> => fc.double({ noNaN: true, noDefaultInfinity: true });

/** Those that GraphQL itself has. */
export const PLAIN_SCALARS = ['Int', 'Float', 'String', 'Boolean', 'ID'];
const SCALARS: Readonly<Record<string, (draw: Draw) => Json>> = {
  Int: (draw) => draw(fc.integer),
  Float: (draw) => draw(double),
  String: (draw) => draw(text),
  Boolean: (draw) => draw(fc.boolean),
  ID: (draw) => (draw(fc.boolean) ? draw(text) : draw(fc.integer)),
  Date: (draw) => draw(day).toISOString().slice(0, 10),
  Time: (draw) =>
    draw(day)
      .toISOString()
      .slice(11, draw(fc.boolean) ? 19 : 24),
  DateTime: (draw) => draw(day).toISOString(),
  Duration: (draw) => `P${draw(fc.nat, 99)}DT${draw(fc.nat, 99)}H${draw(fc.nat, 99)}.5S`,
  UUID: (draw) => draw(fc.uuid),
  URL: (draw) => `https://h${draw(fc.nat)}.example.org/${encodeURIComponent(draw(text))}?q=${draw(fc.nat)}`,
  BigInt: (draw) => {
    const digits = String(draw(fc.bigInt, -(10n ** 30n), 10n ** 30n));
    return draw(fc.boolean) ? digits : rawJson(digits);
  },
  Decimal: (draw) => (draw(fc.boolean) ? draw(double) : String(draw(fc.integer) / 100)),
  Bytes: (draw) => Buffer.from(draw(fc.uint8Array, { maxLength: 9 })).toString('base64'),
};
export const ALL_SCALARS: readonly string[] = Object.keys(SCALARS);

export function randomSchema(draw: Draw, scalars: readonly string[]): RandomSchema {
  const objectCount = draw(fc.integer, { min: 1, max: 4 });
  const enumCount = draw(fc.integer, { min: 1, max: 2 });
  const names = [
    ...scalars,
    ...range(enumCount).map((index) => `E${index}`),
    ...range(objectCount).map((i) => `T${i}`),
  ];
  const drawType = (owner: number): TypeReference => randomType(draw, names, owner, 0);
  const objects = range(objectCount).map((owner) =>
    range(draw(fc.integer, { min: 1, max: 4 })).map((index) => ({ name: `f${index}`, type: drawType(owner) })),
  );
  const enums = range(enumCount).map(() => range(draw(fc.integer, { min: 1, max: 3 })).map((index) => `V${index}`));
  return { objects, enums, input: drawType(-1) };
}

/** GraphQL's own text, or OKRA's. */
export function schemaText({ objects, enums, input }: RandomSchema, form: 'graphql' | 'okra'): string {
  const [service, object] = form === 'graphql' ? ['type Service', 'input'] : ['service S', 'type'];
  const type = formatType(input);
  const result = form === 'graphql' ? 'String' : type;
  return [
    `${service} { call(input: ${type}): ${result} }`,
    ...objects.map((fields, index) => `${object} T${index} { ${fields.map(fieldText).join(' ')} }`),
    ...enums.map((values, index) => `enum E${index} { ${values.join(' ')} }`),
    ...(form === 'graphql' ? ALL_SCALARS.slice(PLAIN_SCALARS.length).map((name) => `scalar ${name}`) : []),
  ].join('\n');
}

export function validPayload(draw: Draw, schema: RandomSchema): Json {
  return valueOf(draw, schema, schema.input, 0);
}

/** With one place of it changed to anything, left out, or added to. */
export function changedPayload(draw: Draw, payload: Json): Json {
  const isLeaf = typeof payload !== 'object' || payload === null || isRawJson(payload);
  if (isLeaf || draw(fc.nat, 3) === 0) return draw(fc.jsonValue, { maxDepth: 2 });
  const entries = Object.entries(payload);
  const chosen = draw(fc.nat, entries.length);
  const added: [string, Json] = [Array.isArray(payload) ? String(entries.length) : 'f9', draw(fc.jsonValue)];
  const isDropped = draw(fc.nat, 4) === 0;
  const changed =
    chosen === entries.length
      ? [...entries, added]
      : entries.flatMap(([key, value], index): [string, Json][] => {
          if (index !== chosen) return [[key, value]];
          return isDropped ? [] : [[key, changedPayload(draw, value)]];
        });
  return Array.isArray(payload) ? changed.map(([, value]) => value) : Object.fromEntries(changed);
}

function randomType(draw: Draw, names: readonly string[], owner: number, depth: number): TypeReference {
  const isRequired = draw(fc.boolean);
  if (depth < 2 && draw(fc.nat, 3) === 0) {
    // Whoever is in a list needs no end: the list may be empty.
    return { kind: 'list', item: randomType(draw, names, Number.NEGATIVE_INFINITY, depth + 1), isRequired };
  }
  const name = names[draw(fc.nat, names.length - 1)] ?? 'Int';
  const isEndless = name.startsWith('T') && Number(name.slice(1)) <= owner;
  return { kind: 'named', name, isRequired: isRequired && !isEndless };
}

function valueOf(draw: Draw, schema: RandomSchema, type: TypeReference, depth: number): Json {
  if (!type.isRequired && (depth > MAX_DEPTH || draw(fc.nat, 3) === 0)) return null;
  if (type.kind === 'list') {
    const length = depth > MAX_DEPTH ? 0 : draw(fc.nat, 3);
    return range(length).map(() => valueOf(draw, schema, type.item, depth + 1));
  }
  const scalar = SCALARS[type.name];
  if (scalar !== undefined) return scalar(draw);
  const index = Number(type.name.slice(1));
  const values = schema.enums[index] ?? [];
  if (type.name.startsWith('E')) return values[draw(fc.nat, values.length - 1)];
  const isThere = (field: RandomField): boolean => field.type.isRequired || draw(fc.boolean);
  const fields = (schema.objects[index] ?? []).filter(isThere);
  return Object.fromEntries(fields.map((field) => [field.name, valueOf(draw, schema, field.type, depth + 1)]));
}

function fieldText({ name, type }: RandomField): string {
  return `${name}: ${formatType(type)}`;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** A number as it is written: JSON.stringify leaves it as it is. */
function rawJson(source: string): unknown {
  return (JSON as unknown as { rawJSON: (source: string) => unknown }).rawJSON(source);
}

function isRawJson(value: unknown): boolean {
  return (JSON as unknown as { isRawJSON: (value: unknown) => boolean }).isRawJSON(value);
}
