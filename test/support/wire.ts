/**
 * A client that knows the published .proto files and nothing else of ours: what any language's gRPC can do. Fields
 * have the names of the files, enums are their names, 64-bit integers are texts.
 */
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import type { MethodDefinition, ServiceDefinition, ServiceError } from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';
import type { PackageDefinition } from '@grpc/proto-loader';

export type Message = Readonly<Record<string, unknown>>;

/** What a failed call rejects with: gRPC's number and text, and the ErrorInfo of its details. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;

  constructor(error: ServiceError, info: ErrorInfo | undefined) {
    super(error.details);
    this.code = error.code;
    this.reason = info?.reason;
    this.metadata = info?.metadata ?? {};
  }
}

export interface Wire {
  /** @param service with its package. @throws Refusal. */
  call(service: string, method: string, request: Message): Promise<Message>;
  /** Sends all that a stream of requests has; one response comes. @throws Refusal. */
  upload(service: string, method: string, requests: readonly Message[]): Promise<Message>;
  /** One request, all responses of the stream. @throws Refusal. */
  download(service: string, method: string, request: Message): Promise<Message[]>;
  /** All requests, all responses. @throws Refusal. */
  exchange(service: string, method: string, requests: readonly Message[]): Promise<Message[]>;
  /** `package.Service/Method` of every rpc in the published files. */
  readonly methods: readonly string[];
  close(): void;
}

interface ErrorInfo {
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const PUBLISHED = fileURLToPath(new URL('../../packages/proto/proto', import.meta.url));
const STANDARD = fileURLToPath(new URL('proto', import.meta.url));
const FILES = [
  'plexspaces/application/v1/application.proto',
  ...['actor', 'description', 'module', 'pool', 'tuplespace'].map((name) => `plexspaces/v1/${name}.proto`),
];
const STANDARD_FILES = ['health.proto', 'reflection.proto', 'status.proto'];
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;
const DEADLINE_MS = 60_000;

export async function openWire(address: string): Promise<Wire> {
  const definition = await load([...FILES, ...STANDARD_FILES], {
    includeDirs: [PUBLISHED, STANDARD],
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
  });
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  });
  const refusal: ToRefusal = (error) => new Refusal(error, errorInfo(definition, error));
  const find = (service: string, method: string): Method => methodOf(definition, service, method);
  return {
    call: (service, method, request) => call(client, find(service, method), request, refusal),
    upload: (service, method, requests) => upload(client, find(service, method), requests, refusal),
    download(service, method, request) {
      const { path, requestSerialize, responseDeserialize } = find(service, method);
      const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, deadline());
      return collect(stream, refusal);
    },
    exchange(service, method, requests) {
      const { path, requestSerialize, responseDeserialize } = find(service, method);
      const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, deadline());
      for (const request of requests) stream.write(request);
      stream.end();
      return collect(stream, refusal);
    },
    methods: publishedMethods(definition),
    close: () => client.close(),
  };
}

type ToRefusal = (error: ServiceError) => Refusal;

function call(client: Client, method: Method, request: Message, refusal: ToRefusal): Promise<Message> {
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  const { path, requestSerialize, responseDeserialize } = method;
  client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, deadline(), (error, reply) =>
    error === null ? resolve(reply ?? {}) : reject(refusal(error)),
  );
  return promise;
}

function upload(client: Client, method: Method, requests: readonly Message[], refusal: ToRefusal): Promise<Message> {
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  const { path, requestSerialize, responseDeserialize } = method;
  const stream = client.makeClientStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    deadline(),
    (error, reply) => (error === null ? resolve(reply ?? {}) : reject(refusal(error))),
  );
  for (const request of requests) stream.write(request);
  stream.end();
  return promise;
}

async function collect(stream: AsyncIterable<Message>, refusal: ToRefusal): Promise<Message[]> {
  const responses: Message[] = [];
  try {
    for await (const response of stream) responses.push(response);
  } catch (thrown) {
    throw refusal(thrown as ServiceError);
  }
  return responses;
}

type Method = MethodDefinition<Message, Message>;

function methodOf(definition: PackageDefinition, service: string, method: string): Method {
  const found = (definition[service] as ServiceDefinition | undefined)?.[method];
  if (found === undefined) throw new Error(`the .proto files have no ${service}/${method}`);
  return found as Method;
}

function publishedMethods(definition: PackageDefinition): string[] {
  const services = Object.entries(definition).filter(
    ([name, { format }]) => name.startsWith('plexspaces.') && format === undefined,
  );
  return services.flatMap(([service, methods]) => Object.keys(methods).map((method) => `${service}/${method}`));
}

function deadline(): { deadline: number } {
  return { deadline: Date.now() + DEADLINE_MS };
}

function errorInfo(definition: PackageDefinition, error: ServiceError): ErrorInfo | undefined {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!(bytes instanceof Buffer)) return undefined;
  const decode = methodOf(definition, 'google.rpc.Details', 'Decode');
  const { details } = decode.requestDeserialize(bytes) as unknown as { details: { type_url: string; value: Buffer }[] };
  const packed = details.find(({ type_url }) => type_url.endsWith('/google.rpc.ErrorInfo'));
  return packed && (decode.responseDeserialize(packed.value) as unknown as ErrorInfo);
}
