/** A route of the HTTP port, without the framework: what comes in, what goes out, and what the description says of it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Right, ServiceContext } from '../caller.ts';
import type { Parts } from './multipart.ts';

export type HttpMethod = 'GET' | 'POST' | 'DELETE';

export interface HttpRoute {
  readonly method: HttpMethod;
  /** As fastify has it: `/api/v1/services/:service/:method`. */
  readonly path: string;
  /** Asked for before a body is read; the services ask again. */
  readonly right?: Right;
  /** Bytes that a body may have; none: 0. */
  readonly bodyLimitBytes: number;
  readonly operation: Operation;
  readonly handle: (call: HttpCall) => Promise<HttpAnswer>;
}

export interface HttpCall {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: HttpBody;
  /** Of a multipart body, which is read when this is called. */
  readonly parts: () => Promise<Parts>;
  readonly context: ServiceContext;
}

export interface HttpBody {
  readonly bytes: Uint8Array;
  /** Without parameters, in lower case; empty where there is none. */
  readonly type: string;
}

export interface HttpAnswer {
  readonly status?: number;
  readonly type: string;
  readonly body: Uint8Array | string;
}

/** An Operation Object of OpenAPI 3.1, in part. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly deprecated?: boolean;
  readonly responses: Readonly<Record<string, object>>;
}

export const JSON_TYPE = 'application/json';
export const BYTES_TYPE = 'application/octet-stream';

export function jsonAnswer(document: object, status = 200): HttpAnswer {
  return { status, type: JSON_TYPE, body: JSON.stringify(document) };
}
