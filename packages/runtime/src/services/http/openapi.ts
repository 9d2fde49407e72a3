/** The description of the HTTP port (OpenAPI 3.1): its routes, and a path for each service that is deployed. */
import { PROBLEM_TYPE } from './problem.ts';
import { HEADERS, jsonResponse, parameter, PAYLOAD, REPLY } from './operations.ts';
import { jsonAnswer } from './route.ts';
import type { HttpCall, HttpRoute, Operation } from './route.ts';

export interface DescribedService {
  readonly service: string;
  /** Its actors have keys. */
  readonly isKeyed: boolean;
}

const PATH = '/api/v1/openapi.json';

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457. An error of the actor itself is 422 EXECUTION_ERROR.',
  required: ['status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What was expected and what was found.' },
    code: { type: 'string', description: "gRPC's name of the status, or EXECUTION_ERROR." },
    details: { type: 'object', additionalProperties: { type: 'string' } },
  },
} as const;
const PROBLEM = {
  description: 'What went wrong.',
  content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
} as const;

/** @param services asked at each request, on behalf of who asks. */
export function openApiRoute(
  routes: readonly HttpRoute[],
  services: (context: HttpCall['context']) => Promise<readonly DescribedService[]>,
): HttpRoute {
  return {
    method: 'GET',
    path: PATH,
    bodyLimitBytes: 0,
    operation: {
      operationId: 'describe',
      summary: 'This document.',
      tags: ['node'],
      responses: { 200: jsonResponse('OpenAPI 3.1.', { type: 'object' }) },
    },
    async handle({ context }) {
      return jsonAnswer(openApiDocument(routes, await services(context)));
    },
  };
}

export function openApiDocument(routes: readonly HttpRoute[], services: readonly DescribedService[]): object {
  const paths = new Map<string, Record<string, object>>();
  for (const { method, path, operation } of routes) {
    const name = path.replaceAll(/:(\w+)/g, '{$1}');
    paths.set(name, { ...paths.get(name), [method.toLowerCase()]: withProblem(operation) });
  }
  for (const service of services) {
    const [name, operation] = serviceOperation(service);
    paths.set(name, { post: withProblem(operation) });
  }
  return {
    openapi: '3.1.0',
    info: { title: 'PlexSpaces', version: 'v1' },
    paths: Object.fromEntries(paths),
    components: {
      schemas: { Problem: PROBLEM_SCHEMA },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ token: [] }, {}],
  };
}

/** What a service takes is its own affair as long as no description says it. */
function serviceOperation({ service, isKeyed }: DescribedService): [path: string, operation: Operation] {
  const key = isKeyed ? [parameter('key', "The actor's key.")] : [];
  return [
    `/api/v1/services/${service}/${isKeyed ? '{key}/' : ''}{method}`,
    {
      operationId: `invoke-${service}`,
      summary: `Calls ${service}.`,
      tags: [service],
      parameters: [...key, parameter('method', 'The method.'), HEADERS.idempotencyKey, HEADERS.requestTimeout],
      requestBody: PAYLOAD,
      responses: { 200: REPLY },
    },
  ];
}

function withProblem(operation: Operation): Operation {
  return { ...operation, responses: { ...operation.responses, default: PROBLEM } };
}
