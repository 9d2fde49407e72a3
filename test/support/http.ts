/** Requests to a node's HTTP port, as curl sends them. (fetch would not let a test choose Host, Origin or connection.) */
import { request } from 'node:http';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import type { RequestOptions as TlsRequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Uint8Array | object;
  readonly signal?: AbortSignal;
  /** Over TLS, with these. */
  readonly tls?: Pick<TlsRequestOptions, 'ca' | 'cert' | 'key'>;
}

export interface HttpReply {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; undefined: it is no JSON. */
  readonly json: unknown;
}

/** @param address HOST:PORT */
export function http(address: string, path: string, options: HttpRequest = {}): Promise<HttpReply> {
  const { method = 'GET', headers = {}, body, signal, tls } = options;
  const { hostname, port } = new URL(`http://${address}`);
  const isText = typeof body === 'string' || body instanceof Uint8Array;
  const bytes = body === undefined || isText ? body : JSON.stringify(body);
  const sentHeaders = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(body !== undefined &&
      !('transfer-encoding' in headers) && { 'content-length': Buffer.byteLength(bytes ?? '') }),
    ...headers,
  };
  const where: RequestOptions = { hostname, port, path, method, headers: sentHeaders, ...(signal && { signal }) };
  const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
  const sent = tls === undefined ? request(where) : requestTls({ ...where, ...tls });
  sent.on('error', reject).on('response', (response) => {
    const { statusCode: status, headers: received } = response;
    text(response).then(
      (found) =>
        resolve({ status, type: received['content-type'], headers: received, text: found, json: parsed(found) }),
      reject,
    );
  });
  sent.end(bytes);
  return promise;
}

export function post(
  address: string,
  path: string,
  body?: HttpRequest['body'],
  headers: HttpRequest['headers'] = {},
): Promise<HttpReply> {
  return http(address, path, {
    method: 'POST',
    headers: { 'x-plexspaces': '1', ...headers },
    ...(body !== undefined && { body }),
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A multipart body, with the header that it needs. */
export async function formData(
  parts: Readonly<Record<string, string | Uint8Array>>,
): Promise<{ body: Uint8Array; headers: Record<string, string> }> {
  const form = new FormData();
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part === 'string') form.append(name, part);
    else form.append(name, new Blob([Uint8Array.from(part)]), name);
  }
  const response = new Response(form);
  const body = new Uint8Array(await response.arrayBuffer());
  return { body, headers: { 'content-type': response.headers.get('content-type') ?? '' } };
}
