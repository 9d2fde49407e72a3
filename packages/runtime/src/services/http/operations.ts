/** Pieces of the description (OpenAPI 3.1) that several routes have. */
import { BYTES_TYPE, JSON_TYPE } from './route.ts';

export const HEADERS: { readonly idempotencyKey: object; readonly requestTimeout: object } = {
  idempotencyKey: header('Idempotency-Key', 'A repeated key gets the first answer.'),
  requestTimeout: header('Request-Timeout', 'Seconds that the call may take, such as 2.5; 30 by default.'),
};

/** Of a route that takes an actor's payload. */
export const PAYLOAD: object = {
  required: false,
  description: 'The payload, which reaches the actor byte by byte; none is {}.',
  content: { [JSON_TYPE]: { schema: {} }, [BYTES_TYPE]: { schema: {} } },
};

export const REPLY: object = {
  description: "The actor's reply: JSON where it is JSON, else its bytes.",
  content: { [JSON_TYPE]: { schema: {} }, [BYTES_TYPE]: { schema: {} } },
};

export function parameter(name: string, description: string): object {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

export function query(name: string, description: string, schema: object): object {
  return { name, in: 'query', required: false, description, schema };
}

/** A body of JSON, which has to be there. */
export function jsonBody(schema: object): object {
  return { required: true, content: { [JSON_TYPE]: { schema } } };
}

export function jsonResponse(description: string, schema: object): object {
  return { description, content: { [JSON_TYPE]: { schema } } };
}

function header(name: string, description: string): object {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } };
}
