/**
 * Random descriptions: what is made from them is taken, and of what is changed or made at random exactly that which
 * others take as well: GraphQL's own coercion of inputs, and a JSON Schema validator over what the description gives.
 * The two know no dates and the like, so that they judge over GraphQL's own scalars.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { buildSchema, coerceInputValue, isListType, isNonNullType, isInputObjectType, isObjectType } from 'graphql';
import type { GraphQLInputType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { DescribedService } from '../../../packages/runtime/src/description/described-service.ts';
import { exampleOf } from '../../../packages/runtime/src/description/examples.ts';
import { jsonSchemasOf } from '../../../packages/runtime/src/description/json-schemas.ts';
import {
  ALL_SCALARS,
  changedPayload,
  PLAIN_SCALARS,
  randomSchema,
  schemaText,
  validPayload,
} from '../../support/random-schema.ts';
import type { Draw } from '../../support/random-schema.ts';
import { quickOrLong, TEST_TIMEOUT_MS } from '../../support/soak.ts';

const AJV = new Ajv2020({ strict: false, validateFormats: false, addUsedSchema: false });
const RUNS = { numRuns: quickOrLong(100, 20_000) };

describe.each(['graphql', 'okra'] as const)(
  'a random description in the form %s',
  { timeout: TEST_TIMEOUT_MS },
  (form) => {
    it('takes what is made from it, and its own examples', () => {
      fc.assert(
        fc.property(fc.gen(), (draw) => {
          const schema = randomSchema(draw, ALL_SCALARS);
          const service = new DescribedService('s', schemaText(schema, form));
          const payload = JSON.stringify(validPayload(draw, schema), undefined, draw(fc.nat, 2));
          expect(refusal(service, payload)).toBe('');
          expect(satisfies(service, JSON.parse(payload))).toBe(true);
          const method = service.description.methods.get('call');
          const example = method && exampleOf(method, service.description);
          expect(example === undefined ? '' : refusal(service, example)).toBe('');
        }),
        RUNS,
      );
    });

    it('takes of what is changed or random what others take, too', () => {
      const counts = { taken: 0, refused: 0 };
      fc.assert(
        fc.property(fc.gen(), (draw) => {
          const schema = randomSchema(draw, PLAIN_SCALARS);
          const service = new DescribedService('s', schemaText(schema, form));
          const payload = JSON.stringify(differentPayload(draw, validPayload(draw, schema)));
          const isTaken = refusal(service, payload) === '';
          counts[isTaken ? 'taken' : 'refused'] += 1;
          expect({ payload, isTaken }).toEqual({ payload, isTaken: coerces(schemaText(schema, 'graphql'), payload) });
          expect({ payload, isTaken }).toEqual({ payload, isTaken: satisfies(service, JSON.parse(payload)) });
        }),
        RUNS,
      );
      expect(counts.taken).toBeGreaterThan(0); // some 8 of 100
      expect(counts.refused).toBeGreaterThan(RUNS.numRuns / 4);
    });
  },
);

describe('bytes', { timeout: TEST_TIMEOUT_MS }, () => {
  it('of whatever kind are taken or refused, and nothing else', () => {
    const service = new DescribedService('s', 'type Service { call(input: X): Int } input X { a: Int }');
    const jsonLike = fc
      .array(fc.constantFrom(...'{}[]":,\\ab1e-.+ \n'.split(''), '\\u0000', 'null', '\u{1f600}'))
      .map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), jsonLike), (payload) => {
        const isTaken = refusal(service, payload) === '';
        const value = parse(payload);
        const isRight = payload.length === 0 || value === null || isNumbers(value);
        expect(isTaken).toBe(isRight);
      }),
      RUNS,
    );
  });
});

/** Of the type X; fields that are there twice are told by their count. */
function isNumbers(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([key, field]) => key === 'a' && (field === null || Number.isInteger(field)));
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload));
  } catch {
    return undefined;
  }
}

function differentPayload(draw: Draw, payload: unknown): unknown {
  return draw(fc.nat, 9) === 0 ? draw(fc.jsonValue) : changedPayload(draw, payload);
}

/** Empty: it is taken. */
function refusal(service: DescribedService, payload: string | Uint8Array): string {
  try {
    service.expectCall('call', Buffer.from(payload as string));
    return '';
  } catch (thrown) {
    return String(thrown);
  }
}

/** GraphQL's coercion, but that a value is no list of one: the guest would get it as it stands. */
function coerces(text: string, payload: string): boolean {
  const service = buildSchema(text).getType('Service');
  const type = isObjectType(service) ? service.getFields()['call']?.args[0]?.type : undefined;
  if (type === undefined) throw new Error('expected an input, found none');
  let isGood = true;
  coerceInputValue(withoutBareItems(JSON.parse(payload), type), type, () => {
    isGood = false;
  });
  return isGood;
}

function withoutBareItems(value: unknown, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return withoutBareItems(value, type.ofType);
  if (value === null) return value;
  if (isListType(type)) {
    return Array.isArray(value) ? value.map((item) => withoutBareItems(item, type.ofType)) : Symbol('no list');
  }
  if (!isInputObjectType(type) || typeof value !== 'object' || Array.isArray(value)) return value;
  const fields = type.getFields();
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      return [key, field === undefined ? inner : withoutBareItems(inner, field.type)];
    }),
  );
}

function satisfies(service: DescribedService, value: unknown): boolean {
  const { methods, types } = jsonSchemasOf(service.description, '#/$defs/');
  const [method] = methods;
  return AJV.validate({ ...method?.input, $defs: types }, value);
}
