/** The description of the HTTP port (OpenAPI 3.1): its routes, and a path for each service that is deployed. */
import { pathsOfService } from './described-paths.ts';
import type { ServiceFacts } from './described-paths.ts';
import { PROBLEM_TYPE } from './problem.ts';
import { jsonResponse } from './operations.ts';
import { jsonAnswer } from './route.ts';
import type { HttpRoute, Operation } from './route.ts';

export type { ServiceFacts } from './described-paths.ts';

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

/** @param servicesOf asked at each request, for who asks. */
export function openApiRoute(
  routes: readonly HttpRoute[],
  servicesOf: (tenant: string) => readonly ServiceFacts[],
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
    handle: async ({ context }) => {
      return jsonAnswer(openApiDocument(routes, servicesOf(context.caller.tenant)));
    },
  };
}

export function openApiDocument(routes: readonly HttpRoute[], services: readonly ServiceFacts[]): object {
  const paths = new Map<string, Record<string, object>>();
  for (const { method, path, operation } of routes) {
    const name = path.replaceAll(/:(\w+)/g, '{$1}');
    paths.set(name, { ...paths.get(name), [method.toLowerCase()]: withProblem(operation) });
  }
  const described = services.map(pathsOfService);
  for (const [name, operation] of described.flatMap(({ operations }) => operations)) {
    paths.set(name, { post: withProblem(operation) });
  }
  const types = described.flatMap((service) => Object.entries(service.schemas));
  return {
    openapi: '3.1.0',
    info: { title: 'PlexSpaces', version: 'v1' },
    paths: Object.fromEntries(paths),
    components: {
      schemas: { Problem: PROBLEM_SCHEMA, ...Object.fromEntries(types) },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ token: [] }, {}],
  };
}

function withProblem(operation: Operation): Operation {
  return { ...operation, responses: { ...operation.responses, default: PROBLEM } };
}
