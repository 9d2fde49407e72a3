/** plexspaces.json: parsed once, by the schema that editors use too. */
import { PlexSpacesError } from '@plexspaces/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject } from 'ajv';
import schema from '../../schema/plexspaces.schema.json' with { type: 'json' };

export interface ApplicationConfig {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly service?: string;
  readonly kind?: 'durable' | 'service' | 'singleton';
  readonly component?: string;
  readonly source?: string;
  readonly namespace?: string;
  readonly workers?: {
    readonly min?: number;
    readonly max?: number;
    readonly idleTimeoutMs?: number;
    readonly queueLimit?: number;
    readonly residentActors?: number;
  };
  readonly durability?: {
    readonly checkpointEvery?: number;
    readonly checkpointBytes?: number;
    readonly checkpointMs?: number;
    readonly keepSnapshots?: number;
    readonly idempotencyHours?: number;
    readonly maxAttempts?: number;
  };
  readonly limits?: {
    readonly memoryBytes?: number;
    readonly callMs?: number;
    readonly cpuMs?: number;
    readonly payloadBytes?: number;
    readonly replyBytes?: number;
    readonly heapBytes?: number;
    readonly stackBytes?: number;
    readonly logBytesPerSecond?: number;
  };
  readonly capabilities?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly every?: readonly { readonly intervalMs: number; readonly messageType: string; readonly payload?: unknown }[];
  readonly schema?: string;
}

const validate = new Ajv2020({ allErrors: true, strict: true }).compile<ApplicationConfig>(schema);

/** @throws INVALID_ARGUMENT (VALIDATION) naming the file and every key that is wrong. */
export function parseApplicationConfig(text: string, path: string): ApplicationConfig {
  const config = parseJson(text, path);
  if (validate(config)) return config;
  const problems = (validate.errors ?? []).map(describeProblem).join('; ');
  throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: ${problems}`, { reason: 'VALIDATION' });
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected JSON: ${detail}`, { cause, reason: 'VALIDATION' });
  }
}

function describeProblem(error: ErrorObject): string {
  const at = `$${error.instancePath.replaceAll('/', '.')}`;
  if (error.keyword === 'additionalProperties')
    return `${at}: unknown key ${JSON.stringify(error.params['additionalProperty'])}`;
  if (error.keyword === 'enum') return `${at}: expected one of ${JSON.stringify(error.params['allowedValues'])}`;
  return `${at}: ${error.message ?? error.keyword}`;
}
