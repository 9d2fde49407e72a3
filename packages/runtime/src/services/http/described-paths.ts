/** The paths of a deployed service in the description of the port: one for each method where it says what it has. */
import type { Description } from '../../description/description.ts';
import { jsonSchemasOf } from '../../description/json-schemas.ts';
import type { DescriptionSchemas, JsonSchema, MethodSchemas } from '../../description/json-schemas.ts';
import { HEADERS, parameter, PAYLOAD, REPLY } from './operations.ts';
import { JSON_TYPE } from './route.ts';
import type { Operation } from './route.ts';

export interface ServiceFacts {
  readonly service: string;
  readonly kind: 'durable' | 'service' | 'singleton';
  /** Undefined: it was deployed without one. */
  readonly description: Description | undefined;
}

export interface ServicePaths {
  readonly operations: readonly (readonly [path: string, operation: Operation])[];
  /** By their names in `components`. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

export function pathsOfService({ service, kind, description }: ServiceFacts): ServicePaths {
  const isKeyed = kind === 'durable';
  const keys = isKeyed ? [parameter('key', "The actor's key.")] : [];
  const root = `/api/v1/services/${service}/${isKeyed ? '{key}/' : ''}`;
  if (description === undefined) {
    return { operations: [[`${root}{method}`, undescribed(service, [...keys, METHOD])]], schemas: {} };
  }
  const described = jsonSchemasOf(description, `#/components/schemas/${service}.`);
  const operations = described.methods.map(
    (method) => [`${root}${method.name}`, operationOf(service, method, keys)] as const,
  );
  return { operations, schemas: schemasOf(service, described) };
}

const METHOD = parameter('method', 'The method.');

function undescribed(service: string, parameters: readonly object[]): Operation {
  return {
    operationId: `invoke-${service}`,
    summary: `Calls ${service}.`,
    tags: [service],
    parameters: [...parameters, HEADERS.idempotencyKey, HEADERS.requestTimeout],
    requestBody: PAYLOAD,
    responses: { 200: REPLY },
  };
}

function operationOf(service: string, method: MethodSchemas, keys: readonly object[]): Operation {
  const { name, doc, isDeprecated, input, output } = method;
  return {
    operationId: `${service}.${name}`,
    summary: doc === '' ? `Calls ${name} of ${service}.` : doc,
    tags: [service],
    parameters: [...keys, HEADERS.idempotencyKey, HEADERS.requestTimeout],
    ...(isDeprecated && { deprecated: true }),
    ...(input !== undefined && { requestBody: { required: true, content: { [JSON_TYPE]: { schema: input } } } }),
    responses: { 200: { description: 'The reply.', content: { [JSON_TYPE]: { schema: output } } } },
  };
}

/** Types of different services may have the same name. */
function schemasOf(service: string, { types }: DescriptionSchemas): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(types).map(([name, schema]) => [`${service}.${name}`, schema]));
}
