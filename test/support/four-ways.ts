/**
 * The same request to a node by gRPC, by itself and in a stream, over HTTP, on the command line and with the client: what
 * each of them answers, in one form.
 */
import type { PlexSpacesClient, TupleOperations } from '@plexspaces/client';
import { codeOfGrpcStatus, PlexSpacesError, toPattern, toTuple } from '@plexspaces/core';
import { patternToMessage, tupleFromMessage, TupleMessage, tupleToMessage } from '@plexspaces/proto';
import { tupleToOutput } from '@plexspaces/core';
import { plexspaces } from './command-line.ts';
import type { Daemon } from './daemon.ts';
import { http, post } from './http.ts';
import type { HttpReply } from './http.ts';
import { Refusal } from './wire.ts';
import type { Message, Wire } from './wire.ts';

export interface Node {
  readonly daemon: Daemon;
  readonly client: PlexSpacesClient;
  readonly wire: Wire;
}

/** What came of a request: its answer, or its error as a caller can see it. */
export type Outcome = { readonly answer: unknown } | ErrorOutcome;

export interface ErrorOutcome {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
}

export interface CallCase {
  readonly actor: string;
  readonly method: string;
  /** JSON text. */
  readonly input: string;
  readonly idempotencyKey?: string;
  readonly timeoutMs?: number;
}

export interface TupleCase {
  readonly operation: 'write' | 'read' | 'take' | 'read-all' | 'count' | 'cas';
  /** JSON text: a tuple for write, else a pattern; of `cas` all three. */
  readonly fields: readonly string[];
  readonly namespace?: string;
  readonly waitMs?: number;
  readonly ttlMs?: number;
  readonly limit?: number;
  readonly idempotencyKey?: string;
}

export type Way<Case> = (node: Node, request: Case) => Promise<Outcome>;

const ACTORS = 'plexspaces.v1.ActorService';
const SPACE = 'plexspaces.v1.TupleSpaceService';
const APPLICATIONS = 'plexspaces.application.v1.ApplicationService';
const METHODS = {
  write: 'Write',
  read: 'Read',
  take: 'Take',
  'read-all': 'ReadAll',
  count: 'Count',
  cas: 'CompareAndSwap',
};
/** In a stream. */
const CASES = {
  write: 'write',
  read: 'read',
  take: 'take',
  'read-all': 'read_all',
  count: 'count',
  cas: 'compare_and_swap',
};

export const CALLS: Readonly<Record<string, Way<CallCase>>> = {
  gRPC: ({ wire }, { actor, method, input, idempotencyKey = '', timeoutMs }) =>
    overGrpc(async () => {
      const timeout = timeoutMs === undefined ? {} : { timeout: durationOf(timeoutMs) };
      const request = { id: actor, method, input: Buffer.from(input), idempotency_key: idempotencyKey, ...timeout };
      const reply = await wire.call(ACTORS, 'Invoke', request);
      if (reply['success'] !== true) throw errorOf(reply['error']);
      return JSON.parse(Buffer.from(reply['output'] as Uint8Array).toString());
    }),
  stream: ({ wire }, { actor, method, input, idempotencyKey = '', timeoutMs }) =>
    overGrpc(async () => {
      const timeout = timeoutMs === undefined ? {} : { timeout: durationOf(timeoutMs) };
      const request = { id: actor, method, input: Buffer.from(input), idempotency_key: idempotencyKey, ...timeout };
      const [frame] = await wire.exchange(ACTORS, 'InvokeStream', [{ requests: [request] }]);
      const [reply] = (frame?.['responses'] ?? []) as Message[];
      if (reply?.['success'] !== true) throw errorOf(reply?.['error']);
      return JSON.parse(Buffer.from(reply['output'] as Uint8Array).toString());
    }),
  HTTP: async ({ daemon }, { actor, method, input, idempotencyKey, timeoutMs }) => {
    const path = [...actor.split(/\/(.*)/s).filter((part) => part !== ''), method].map(encodeURIComponent).join('/');
    return ofHttp(await post(daemon.http, `/api/v1/services/${path}`, input, headersOf(idempotencyKey, timeoutMs)));
  },
  'HTTP, as a document': async ({ daemon }, { actor: id, method, input, idempotencyKey, timeoutMs }) => {
    const body = `{"id":${JSON.stringify(id)},"method":${JSON.stringify(method)},"input":${input}}`;
    const reply = await post(daemon.http, '/api/v1/invoke', body, headersOf(idempotencyKey, timeoutMs));
    return reply.status === 200 ? ofReply(reply.json) : ofHttp(reply);
  },
  'command line': async ({ daemon }, { actor, method, input, idempotencyKey, timeoutMs }) => {
    const options = [
      ...(idempotencyKey === undefined ? [] : ['--idempotency-key', idempotencyKey]),
      ...(timeoutMs === undefined ? [] : ['--deadline-ms', String(timeoutMs)]),
    ];
    const { stdout } = await plexspaces(['invoke', actor, method, input, '--json', ...options], { node: daemon.grpc });
    return ofReply(JSON.parse(stdout));
  },
  client: ({ client }, { actor, method, input, idempotencyKey, timeoutMs: deadlineMs }) =>
    ofClient(() => client.invoke(actor, method, Buffer.from(input), { idempotencyKey, deadlineMs })),
};

export const TUPLES: Readonly<Record<string, Way<TupleCase>>> = {
  gRPC: ({ wire }, request) =>
    overGrpc(async () => {
      const reply = await wire.call(SPACE, METHODS[request.operation], wireRequest(request));
      return tupleAnswer(request.operation, reply);
    }),
  stream: ({ wire }, request) =>
    overGrpc(async () => {
      const name = CASES[request.operation];
      const [frame] = await wire.exchange(SPACE, 'Stream', [{ requests: [{ [name]: wireRequest(request) }] }]);
      const [reply] = (frame?.['responses'] ?? []) as Message[];
      const answer = reply?.[name] as Message | undefined;
      if (answer === undefined) throw errorOf(reply?.['error']);
      return tupleAnswer(request.operation, answer);
    }),
  HTTP: async ({ daemon }, { operation, fields, idempotencyKey, ...options }) => {
    const names =
      operation === 'cas' ? ['pattern', 'expected', 'replacement'] : [operation === 'write' ? 'tuple' : 'pattern'];
    const given = names.map((name, place) => `"${name}":${fields[place]}`);
    const others = Object.entries(options).map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
    const body = `{${[...given, ...others].join(',')}}`;
    return ofHttp(await post(daemon.http, `/api/v1/tuples/${operation}`, body, headersOf(idempotencyKey)));
  },
  'command line': async ({ daemon }, { operation, fields, ...options }) => {
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${kebab(name)}`, String(value)]);
    const { stdout } = await plexspaces(['tuples', operation, ...fields, '--json', ...flags], { node: daemon.grpc });
    return ofDocument(JSON.parse(stdout));
  },
  client: ({ client }, request) => ofClient(() => operate(client.tuples, request)),
  "client's stream": ({ client }, request) =>
    ofClient(async () => {
      await using stream = client.tuples.stream();
      return await operate(stream, request);
    }),
};

export const STATUS: Readonly<Record<string, Way<string>>> = {
  gRPC: ({ wire }, name) =>
    overGrpc(async () => {
      const { application } = await wire.call(APPLICATIONS, 'GetApplicationStatus', { application_id: name });
      const { application_id: applicationId, service, version, module_hash: moduleHash } = application as Message;
      return { applicationId, service, version, moduleHash };
    }),
  HTTP: async ({ daemon }, name) =>
    told(ofHttp(await http(daemon.http, `/api/v1/applications/${encodeURIComponent(name)}`))),
  'command line': async ({ daemon }, name) => {
    const { stdout } = await plexspaces(['status', name, '--json'], { node: daemon.grpc });
    const document = JSON.parse(stdout) as { applications?: unknown[] };
    return told(document.applications === undefined ? ofDocument(document) : { answer: document.applications[0] });
  },
  client: async ({ client }, name) => told(await ofClient(() => client.status(name))),
};

/** What all of them tell of an application. */
function told(outcome: Outcome): Outcome {
  if (!('answer' in outcome)) return outcome;
  const { applicationId, service, version, moduleHash } = outcome.answer as Message;
  return { answer: { applicationId, service, version, moduleHash } };
}

async function overGrpc(ask: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { answer: await ask() };
  } catch (thrown) {
    if (thrown instanceof PlexSpacesError)
      return { code: thrown.code, message: thrown.message, details: thrown.details };
    if (!(thrown instanceof Refusal)) throw thrown;
    const { code, message, reason = '', metadata } = thrown;
    return { code: codeOfGrpcStatus(code), message, details: { ...metadata, reason } };
  }
}

async function ofClient(ask: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { answer: await ask() };
  } catch (thrown) {
    const { code, message, details } = PlexSpacesError.from(thrown);
    return { code, message, details };
  }
}

function ofHttp({ status = 0, json }: HttpReply): Outcome {
  if (status < 300) return { answer: json };
  const { code, detail: message, details } = json as { code: string; detail: string; details: Record<string, string> };
  return { code, message, details };
}

/** Of a ServiceResponse as a document. */
function ofReply(reply: unknown): Outcome {
  const { success, output, error } = reply as { success: boolean; output: unknown; error: ErrorOutcome };
  return success ? { answer: output } : error;
}

function ofDocument(document: unknown): Outcome {
  const { error } = document as { error?: ErrorOutcome };
  return error ?? { answer: document };
}

function errorOf(error: unknown): PlexSpacesError {
  const { code, message, details } = error as ErrorOutcome;
  return new PlexSpacesError(code as PlexSpacesError['code'], message, { details });
}

function wireRequest({ operation, fields, namespace = '', ...options }: TupleCase): Message {
  const [first = '', second = '', third = ''] = fields;
  const named = operation === 'write' ? { tuple: wireTuple(first) } : { pattern: patternToWire(first) };
  const change = operation === 'cas' ? { expected: wireTuple(second), replacement: wireTuple(third) } : {};
  const others = Object.entries(options).map(([name, value]) => [kebab(name).replaceAll('-', '_'), value]);
  return { namespace, ...named, ...change, ...Object.fromEntries(others) };
}

async function operate(
  tuples: TupleOperations,
  { operation, fields: [first = '', second = '', third = ''], ...options }: TupleCase,
): Promise<unknown> {
  switch (operation) {
    case 'write': {
      const { lease } = await tuples.write(first, options);
      return lease === null ? { written: true } : { written: true, lease: Number(lease) };
    }
    case 'read':
      return { tuple: await tuples.read(first, options) };
    case 'take':
      return { tuple: await tuples.take(first, options) };
    case 'read-all':
      return { tuples: await tuples.readAll(first, options) };
    case 'count':
      return { count: await tuples.count(first, options) };
    case 'cas':
      return { swapped: await tuples.compareAndSwap(first, second, third, options) };
  }
}

/** As a program without our types writes it: one key for the case of each field. */
function wireTuple(text: string): Message {
  return { fields: tupleToMessage(toTuple(text)).fields.map(({ value }) => caseOf(value)) };
}

function patternToWire(text: string): Message {
  const fields = patternToMessage(toPattern(text)).fields.map(({ value }) =>
    value?.$case === 'exact' ? { exact: caseOf(value.value.value) } : caseOf(value),
  );
  return { fields };
}

function caseOf(value: { readonly $case: string; readonly value: unknown } | undefined): Message {
  if (value === undefined) return {};
  return { [value.$case]: typeof value.value === 'bigint' ? String(value.value) : value.value };
}

function tupleAnswer(operation: TupleCase['operation'], reply: Message): unknown {
  switch (operation) {
    case 'write': {
      const lease = Number(reply['lease'] ?? 0);
      return lease === 0 ? { written: true } : { written: true, lease };
    }
    case 'read':
    case 'take':
      return { tuple: reply['tuple'] === null ? null : outputOf(reply['tuple']) };
    case 'read-all':
      return { tuples: (reply['tuples'] as unknown[]).map(outputOf) };
    case 'count':
      return { count: Number(reply['count']) };
    case 'cas':
      return { swapped: reply['swapped'] };
  }
}

function outputOf(tuple: unknown): unknown {
  const fields = (tuple as { fields: Message[] }).fields.map((field) => {
    const [name = '', value] = Object.entries(field).find(([key]) => key !== 'value') ?? [];
    return { value: { $case: name, value: name === 'int' ? BigInt(String(value)) : value } };
  });
  return tupleToOutput(
    tupleFromMessage(TupleMessage.fromPartial({ fields } as Parameters<typeof TupleMessage.fromPartial>[0])),
  );
}

function headersOf(idempotencyKey?: string, timeoutMs?: number): Record<string, string> {
  return {
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...(timeoutMs !== undefined && { 'request-timeout': String(timeoutMs / 1000) }),
  };
}

function durationOf(milliseconds: number): Message {
  return { seconds: String(Math.floor(milliseconds / 1000)), nanos: (milliseconds % 1000) * 1_000_000 };
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
