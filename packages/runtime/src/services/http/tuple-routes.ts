/** The tuple space: each operation a POST with a document, answered with what the command line prints with --json. */
import { patternFromInput, tupleFromInput, tupleToOutput } from '@plexspaces/core';
import type { FieldOutput } from '@plexspaces/core';
import { patternToMessage, TupleMessage, tupleFromMessage, tupleToMessage } from '@plexspaces/proto';
import type { DeepPartial, PatternMessage } from '@plexspaces/proto';
import type { ServiceContext } from '../caller.ts';
import type { GrpcServices } from '../grpc-server.ts';
import { expectTupleDocument } from './documents.ts';
import type { JsonFields } from './documents.ts';
import { idempotencyKeyOf } from './headers.ts';
import { HEADERS, jsonBody, jsonResponse } from './operations.ts';
import { jsonAnswer } from './route.ts';
import type { HttpRoute } from './route.ts';

type Space = Omit<GrpcServices['tuples'], 'subscribe'>;

interface Given {
  readonly fields: JsonFields;
  readonly namespace: string;
  readonly idempotencyKey: string;
  readonly context: ServiceContext;
}

interface TupleOperation {
  readonly summary: string;
  /** Beside `namespace`. */
  readonly request: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  readonly response: Readonly<Record<string, object>>;
  readonly isKeyed?: boolean;
  readonly perform: (space: Space, given: Given) => Promise<object>;
}

/** 64 fields of 256 KiB in all, written in base64 or escaped; with two tuples and a pattern. */
const MAX_BODY_BYTES = 4 * 1_048_576;
const MAX_UINT32 = 4_294_967_295n;
const MAX_UINT64 = 18_446_744_073_709_551_615n;

const TUPLE = { type: 'array', description: 'An integer is an int, 6.0 and {"float": 6} are floats.' } as const;
const PATTERN = { type: 'array', description: 'As a tuple; {"?": "any"} and {"?": "int"} are wildcards.' } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;
const FOUND = { tuple: { type: ['array', 'null'] } } as const;
const FLAG = { type: 'boolean' } as const;

const OPERATIONS: Readonly<Record<string, TupleOperation>> = {
  write: {
    summary: 'Writes a tuple.',
    request: { tuple: TUPLE, ttlMs: COUNT },
    required: ['tuple'],
    response: { written: FLAG, lease: { type: ['integer', 'string'] } },
    isKeyed: true,
    perform: async (space, { fields, namespace, idempotencyKey, context }) => {
      const ttlMs = fields.count('ttlMs', MAX_UINT64);
      const request = { namespace, tuple: tupleIn(fields, 'tuple'), idempotencyKey, ttlMs };
      const { lease = 0n } = await space.write(request, context);
      return lease === 0n ? { written: true } : { written: true, lease: numberOf(BigInt(lease)) };
    },
  },
  renew: {
    summary: 'Lets a tuple live longer.',
    request: { lease: { type: ['integer', 'string'] }, ttlMs: COUNT },
    required: ['lease', 'ttlMs'],
    response: { renewed: FLAG },
    perform: async (space, { fields, namespace, context }) => {
      const lease = fields.count('lease', MAX_UINT64) ?? 0n;
      const { renewed = false } = await space.renew(
        { namespace, lease, ttlMs: fields.count('ttlMs', MAX_UINT64) ?? 0n },
        context,
      );
      return { renewed };
    },
  },
  read: {
    summary: 'The oldest match, which stays.',
    request: { pattern: PATTERN, waitMs: COUNT },
    required: ['pattern'],
    response: FOUND,
    perform: async (space, { fields, namespace, context }) => {
      const request = { namespace, pattern: patternIn(fields), waitMs: fields.count('waitMs', MAX_UINT64) };
      return found((await space.read(request, context)).tuple);
    },
  },
  take: {
    summary: 'Removes the oldest match.',
    request: { pattern: PATTERN, waitMs: COUNT },
    required: ['pattern'],
    response: FOUND,
    isKeyed: true,
    perform: async (space, { fields, namespace, idempotencyKey, context }) => {
      const waitMs = fields.count('waitMs', MAX_UINT64);
      return found(
        (await space.take({ namespace, pattern: patternIn(fields), waitMs, idempotencyKey }, context)).tuple,
      );
    },
  },
  'read-all': {
    summary: 'The matches, oldest first, which stay.',
    request: { pattern: PATTERN, limit: COUNT },
    required: ['pattern'],
    response: { tuples: { type: 'array', items: { type: 'array' } } },
    perform: async (space, { fields, namespace, context }) => {
      const limit = Number(fields.count('limit', MAX_UINT32) ?? 0n);
      const { tuples = [] } = await space.readAll({ namespace, pattern: patternIn(fields), limit }, context);
      return { tuples: tuples.map(outputOf) };
    },
  },
  count: {
    summary: 'How many tuples match.',
    request: { pattern: PATTERN },
    required: ['pattern'],
    response: { count: COUNT },
    perform: async (space, { fields, namespace, context }) => {
      const { count = 0n } = await space.count({ namespace, pattern: patternIn(fields) }, context);
      return { count: Number(count) };
    },
  },
  cas: {
    summary: 'Replaces the oldest match where it equals the expected tuple.',
    request: { pattern: PATTERN, expected: TUPLE, replacement: TUPLE },
    required: ['pattern', 'expected', 'replacement'],
    response: { swapped: FLAG },
    perform: async (space, { fields, namespace, context }) => {
      const change = { expected: tupleIn(fields, 'expected'), replacement: tupleIn(fields, 'replacement') };
      const { swapped = false } = await space.compareAndSwap(
        { namespace, pattern: patternIn(fields), ...change },
        context,
      );
      return { swapped };
    },
  },
};

export function tupleRoutes({ tuples }: Pick<GrpcServices, 'tuples'>): HttpRoute[] {
  return Object.entries(OPERATIONS).map(([name, operation]) => tupleRoute(tuples, name, operation));
}

function tupleRoute(space: Space, name: string, operation: TupleOperation): HttpRoute {
  const { summary, request, required, response, isKeyed = false, perform } = operation;
  const properties = { ...request, namespace: { type: 'string', default: 'default' } };
  return {
    method: 'POST',
    path: `/api/v1/tuples/${name}`,
    right: 'tuples',
    bodyLimitBytes: MAX_BODY_BYTES,
    operation: {
      operationId: `tuples-${name}`,
      summary,
      tags: ['tuples'],
      ...(isKeyed && { parameters: [HEADERS.idempotencyKey] }),
      requestBody: jsonBody({ type: 'object', required, additionalProperties: false, properties }),
      responses: { 200: jsonResponse('The answer.', { type: 'object', properties: response }) },
    },
    handle: async ({ body, headers, context }) => {
      const fields = expectTupleDocument(body, Object.keys(properties));
      const idempotencyKey = isKeyed ? idempotencyKeyOf(headers) : '';
      const given = { fields, namespace: fields.text('namespace') ?? '', idempotencyKey, context };
      return jsonAnswer(await perform(space, given));
    },
  };
}

function tupleIn(fields: JsonFields, key: string): TupleMessage {
  return tupleToMessage(tupleFromInput(fields.value(key)));
}

function patternIn(fields: JsonFields): PatternMessage {
  return patternToMessage(patternFromInput(fields.value('pattern')));
}

function found(tuple: DeepPartial<TupleMessage> | undefined): object {
  return { tuple: tuple === undefined ? null : outputOf(tuple) };
}

function outputOf(tuple: DeepPartial<TupleMessage>): FieldOutput[] {
  return tupleToOutput(tupleFromMessage(TupleMessage.fromPartial(tuple)));
}

function numberOf(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}
