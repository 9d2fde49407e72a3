/** TupleSpaceService: the tuple space for clients. */
import { decodeTuple, encodePattern, encodeTuple, parseNamespace, PlexSpacesError } from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import { patternFromMessage, tupleFromMessage, tupleToMessage } from '@plexspaces/proto';
import type {
  ReadRequest,
  SubscribeRequest,
  SubscribeResponse,
  TakeRequest,
  TupleMessage,
  TupleSpaceServiceImplementation,
  WriteRequest,
} from '@plexspaces/proto';
import type { LogWriter } from '../store/log-writer.ts';
import type { StoreOperation } from '../store/store.ts';
import { awaitTuple } from '../tuplespace/await-tuple.ts';
import type { TupleWait } from '../tuplespace/await-tuple.ts';
import type { Keep, KeyedOperations, OperationOutcome } from '../tuplespace/keyed-operations.ts';
import { spaceOf } from '../tuplespace/space-name.ts';
import type { Spaces } from '../tuplespace/spaces.ts';
import { TupleFeed } from '../tuplespace/tuple-feed.ts';
import type { CallerContext, ServiceContext } from './caller.ts';
import type { OutputGate } from './output-gate.ts';

export interface TupleServicePorts {
  readonly spaces: Spaces;
  readonly keyed: KeyedOperations;
  readonly writer: LogWriter;
  readonly gate: OutputGate;
  /** Ends what waits, with its reason, and takes nothing more that would. */
  readonly closing: AbortSignal;
}

/** No actor wrote it. */
const CLIENT_WRITER = '';
const DEFAULT_LIMIT = 1_000;
/** From its arrival on a subscriber misses nothing. (Headers as such go out before an error, too.) */
const BEGUN_HEADER = 'plexspaces-subscribed';

export function createTupleSpaceService(ports: TupleServicePorts): TupleSpaceServiceImplementation<CallerContext> {
  const { spaces, writer, gate } = ports;
  return {
    write: (request, context) => gate(() => write(ports, request, context)),
    renew: ({ namespace, lease, ttlMs }, context) =>
      gate(() => {
        writer.expectRoom();
        const operations = spaces.renew(spaceNamed(namespace, context), lease, Number(ttlMs));
        writer.append(operations ?? []);
        return { renewed: operations !== undefined };
      }),
    read: (request, context) => gate(async () => toReply(await read(ports, request, context))),
    take: (request, context) => gate(async () => toReply(await take(ports, request, context))),
    readAll: ({ namespace, pattern, limit }, context) =>
      gate(() => {
        const found = spaces.readAll(
          spaceNamed(namespace, context),
          patternFromMessage(pattern),
          limit || DEFAULT_LIMIT,
        );
        return { tuples: found.map(tupleToMessage) };
      }),
    count: ({ namespace, pattern }, context) =>
      gate(() => ({ count: BigInt(spaces.count(spaceNamed(namespace, context), patternFromMessage(pattern))) })),
    compareAndSwap: ({ namespace, pattern, ...request }, context) =>
      gate(() => {
        const expected = tupleFromMessage(request.expected);
        const replacement = tupleFromMessage(request.replacement);
        writer.expectRoom();
        const change = { expected, replacement, writer: CLIENT_WRITER };
        const operations = spaces.compareAndSwap(spaceNamed(namespace, context), patternFromMessage(pattern), change);
        writer.append(operations ?? []);
        return { swapped: operations !== undefined };
      }),
    subscribe: (request, context) => subscribe(ports, request, context),
  };
}

async function write(
  ports: TupleServicePorts,
  request: WriteRequest,
  context: ServiceContext,
): Promise<{ lease: bigint }> {
  const { signal } = context;
  const { spaces, keyed, writer } = ports;
  const { idempotencyKey: key } = request;
  const tuple = tupleFromMessage(request.tuple);
  const space = spaceNamed(request.namespace, context);
  const ttlMs = request.ttlMs === undefined ? undefined : Number(request.ttlMs);
  const perform = (keep?: Keep): OperationOutcome => {
    writer.expectRoom();
    const { number, operations } = spaces.write(space, tuple, CLIENT_WRITER, ttlMs);
    const outcome: OperationOutcome = { $case: 'written', value: ttlMs === undefined ? 0n : number };
    writer.append(keep === undefined ? operations : [...operations, keep(outcome)]);
    return outcome;
  };
  if (key === '') return toLease(perform());
  const content = ['write', String(ttlMs), encodeTuple(tuple)];
  return toLease(await keyed.run({ space, key, content, signal }, async (keep) => perform(keep)));
}

function read(ports: TupleServicePorts, request: ReadRequest, context: ServiceContext): Promise<Tuple | undefined> {
  return awaitTuple(ports.spaces, { kind: 'read', ...waitOf(ports, request, context), signal: context.signal });
}

async function take(
  ports: TupleServicePorts,
  request: TakeRequest,
  context: ServiceContext,
): Promise<Tuple | undefined> {
  const { signal } = context;
  const { spaces, keyed, writer } = ports;
  const { idempotencyKey: key } = request;
  const wait = waitOf(ports, request, context);
  writer.expectRoom();
  if (key === '') return awaitTuple(spaces, { kind: 'take', ...wait, signal });
  const { space, pattern } = wait;
  const perform = async (keep: Keep, whileWanted: AbortSignal): Promise<OperationOutcome | undefined> => {
    const record = (tuple: Tuple): StoreOperation[] => [keep(takenOutcome(tuple))];
    const tuple = await awaitTuple(spaces, { kind: 'take', ...wait, signal: whileWanted, record });
    return tuple && takenOutcome(tuple);
  };
  const content = ['take', encodePattern(pattern)];
  const outcome = await keyed.run({ space, key, content, signal }, perform);
  return outcome?.$case === 'taken' ? decodeTuple(outcome.value) : undefined;
}

/** The header goes out once it has begun; each tuple passes the output gate. */
async function* subscribe(
  { spaces, gate, closing }: TupleServicePorts,
  request: SubscribeRequest,
  context: ServiceContext,
): AsyncGenerator<SubscribeResponse, void, undefined> {
  const { signal } = context;
  const pattern = patternFromMessage(request.pattern);
  using feed = new TupleFeed(spaces, spaceNamed(request.namespace, context), pattern, { signal, closing });
  context.header.set(BEGUN_HEADER, '1');
  context.sendHeader();
  for (;;) {
    for (const tuple of await gate(() => feed.next())) yield { tuple: tupleToMessage(tuple) };
  }
}

type Wait = Pick<TupleWait, 'space' | 'pattern' | 'waitMs' | 'closing' | 'append'>;

/** @throws INVALID_ARGUMENT where it is longer than the node lets anybody wait. */
function waitOf(
  { spaces, writer, closing }: TupleServicePorts,
  request: ReadRequest | TakeRequest,
  context: ServiceContext,
): Wait {
  const { maxWaitMs } = spaces.options;
  const waitMs = Number(request.waitMs ?? 0n);
  if (waitMs > maxWaitMs) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `wait_ms: expected at most ${maxWaitMs}, found ${waitMs}`);
  }
  const append = (operations: readonly StoreOperation[]): unknown => writer.append(operations);
  const pattern = patternFromMessage(request.pattern);
  return { space: spaceNamed(request.namespace, context), pattern, waitMs, closing, append };
}

function spaceNamed(namespace: string, { caller }: ServiceContext): string {
  return spaceOf({ tenant: caller.tenant, namespace: parseNamespace(namespace || 'default') });
}

function takenOutcome(tuple: Tuple): OperationOutcome {
  return { $case: 'taken', value: encodeTuple(tuple) };
}

function toLease(outcome: OperationOutcome | undefined): { lease: bigint } {
  return { lease: outcome?.$case === 'written' ? outcome.value : 0n };
}

function toReply(tuple: Tuple | undefined): { tuple?: TupleMessage } {
  return tuple === undefined ? {} : { tuple: tupleToMessage(tuple) };
}
