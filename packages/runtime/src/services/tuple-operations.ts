/**
 * What clients may do with the tuple space, operation by operation. Whoever calls gives the answer out behind the output
 * gate; what needs no promise has none.
 */
import { decodeTuple, encodePattern, encodeTuple, parseNamespace, PlexSpacesError } from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import { patternFromMessage, tupleFromMessage, tupleToMessage } from '@plexspaces/proto';
import type {
  CompareAndSwapRequest,
  CompareAndSwapResponse,
  CountRequest,
  CountResponse,
  ReadAllRequest,
  ReadAllResponse,
  ReadRequest,
  ReadResponse,
  RenewRequest,
  RenewResponse,
  TakeRequest,
  TakeResponse,
  WriteRequest,
  WriteResponse,
} from '@plexspaces/proto';
import type { LogWriter } from '../store/log-writer.ts';
import type { StoreOperation } from '../store/store.ts';
import { awaitTuple } from '../tuplespace/await-tuple.ts';
import type { TupleWait } from '../tuplespace/await-tuple.ts';
import type { Keep, KeyedOperations, OperationOutcome } from '../tuplespace/keyed-operations.ts';
import { spaceOf } from '../tuplespace/space-name.ts';
import type { Spaces } from '../tuplespace/spaces.ts';
import type { CallerContext } from './caller.ts';

export interface TuplePorts {
  readonly spaces: Spaces;
  readonly keyed: KeyedOperations;
  readonly writer: LogWriter;
  /** Ends what waits, with its reason, and takes nothing more that would. */
  readonly closing: AbortSignal;
}

/** Who asks, and whether the answer is still wanted: what needs no promise listens to no signal. */
export interface TupleCall extends CallerContext {
  readonly signal: AbortSignal;
}

export type Answer<T> = Promise<T> | T;

/** No actor wrote it. */
const CLIENT_WRITER = '';
const DEFAULT_LIMIT = 1_000;

/** With a key it waits for its record. */
export function write(ports: TuplePorts, request: WriteRequest, call: TupleCall): Answer<WriteResponse> {
  const { spaces, keyed, writer } = ports;
  const { idempotencyKey: key } = request;
  const tuple = tupleFromMessage(request.tuple);
  const space = spaceNamed(request.namespace, call);
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
  return keyed.run({ space, key, content, signal: call.signal }, async (keep) => perform(keep)).then(toLease);
}

export function renew({ spaces, writer }: TuplePorts, request: RenewRequest, call: TupleCall): RenewResponse {
  writer.expectRoom();
  const operations = spaces.renew(spaceNamed(request.namespace, call), request.lease, Number(request.ttlMs));
  writer.append(operations ?? []);
  return { renewed: operations !== undefined };
}

export function read(ports: TuplePorts, request: ReadRequest, call: TupleCall): Answer<ReadResponse> {
  const wait = waitOf(ports, request, call);
  return toFound(awaitTuple(ports.spaces, { kind: 'read', ...wait, signal: call.signal }));
}

/** With a key it waits for its record. */
export function take(ports: TuplePorts, request: TakeRequest, call: TupleCall): Answer<TakeResponse> {
  const { signal } = call;
  const { spaces, keyed, writer } = ports;
  const { idempotencyKey: key } = request;
  const wait = waitOf(ports, request, call);
  writer.expectRoom();
  if (key === '') return toFound(awaitTuple(spaces, { kind: 'take', ...wait, signal }));
  const { space, pattern } = wait;
  const perform = async (keep: Keep, whileWanted: AbortSignal): Promise<OperationOutcome | undefined> => {
    const record = (tuple: Tuple): StoreOperation[] => [keep(takenOutcome(tuple))];
    const tuple = await awaitTuple(spaces, { kind: 'take', ...wait, signal: whileWanted, record });
    return tuple && takenOutcome(tuple);
  };
  const content = ['take', encodePattern(pattern)];
  return toFound(keyed.run({ space, key, content, signal }, perform).then(takenTuple));
}

export function readAll({ spaces }: TuplePorts, request: ReadAllRequest, call: TupleCall): ReadAllResponse {
  const { namespace, pattern, limit } = request;
  const space = spaceNamed(namespace, call);
  const found = spaces.readAll(space, patternFromMessage(pattern), limit || DEFAULT_LIMIT);
  return { tuples: found.map(tupleToMessage) };
}

export function count({ spaces }: TuplePorts, { namespace, pattern }: CountRequest, call: TupleCall): CountResponse {
  return { count: BigInt(spaces.count(spaceNamed(namespace, call), patternFromMessage(pattern))) };
}

export function compareAndSwap(
  { spaces, writer }: TuplePorts,
  { namespace, pattern, ...request }: CompareAndSwapRequest,
  call: TupleCall,
): CompareAndSwapResponse {
  const expected = tupleFromMessage(request.expected);
  const replacement = tupleFromMessage(request.replacement);
  writer.expectRoom();
  const change = { expected, replacement, writer: CLIENT_WRITER };
  const operations = spaces.compareAndSwap(spaceNamed(namespace, call), patternFromMessage(pattern), change);
  writer.append(operations ?? []);
  return { swapped: operations !== undefined };
}

type Wait = Pick<TupleWait, 'space' | 'pattern' | 'waitMs' | 'closing' | 'append'>;

/** @throws INVALID_ARGUMENT where it is longer than the node lets anybody wait. */
function waitOf(
  { spaces, writer, closing }: TuplePorts,
  request: ReadRequest | TakeRequest,
  call: CallerContext,
): Wait {
  const { maxWaitMs } = spaces.options;
  const waitMs = Number(request.waitMs ?? 0n);
  if (waitMs > maxWaitMs) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `wait_ms: expected at most ${maxWaitMs}, found ${waitMs}`);
  }
  const append = (operations: readonly StoreOperation[]): unknown => writer.append(operations);
  const pattern = patternFromMessage(request.pattern);
  return { space: spaceNamed(request.namespace, call), pattern, waitMs, closing, append };
}

/** @throws INVALID_ARGUMENT */
export function spaceNamed(namespace: string, { caller }: CallerContext): string {
  return spaceOf({ tenant: caller.tenant, namespace: parseNamespace(namespace || 'default') });
}

function takenOutcome(tuple: Tuple): OperationOutcome {
  return { $case: 'taken', value: encodeTuple(tuple) };
}

function takenTuple(outcome: OperationOutcome | undefined): Tuple | undefined {
  return outcome?.$case === 'taken' ? decodeTuple(outcome.value) : undefined;
}

function toLease(outcome: OperationOutcome | undefined): WriteResponse {
  return { lease: outcome?.$case === 'written' ? outcome.value : 0n };
}

function toFound(found: Answer<Tuple | undefined>): Answer<ReadResponse & TakeResponse> {
  return found instanceof Promise ? found.then(toReply) : toReply(found);
}

function toReply(tuple: Tuple | undefined): ReadResponse & TakeResponse {
  return { tuple: tuple && tupleToMessage(tuple) };
}
