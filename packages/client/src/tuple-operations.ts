/** Tuple operations in a program's own words, and in those of the wire; how they get to the node is its caller's to say. */
import { toPattern, toTuple, toUint64, tupleToOutput } from '@plexspaces/core';
import type { FieldOutput, PatternInput, TupleInput } from '@plexspaces/core';
import { patternToMessage, tupleFromMessage, tupleToMessage } from '@plexspaces/proto';
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
  TupleMessage,
  WriteRequest,
  WriteResponse,
} from '@plexspaces/proto';
import type { CallOptions } from './options.ts';

export interface SpaceOptions extends CallOptions {
  /** `default` by default. */
  readonly namespace?: string | undefined;
}

export interface WriteOptions extends SpaceOptions {
  /** The tuple vanishes after this, 1 ms to 10 years. */
  readonly ttlMs?: number | undefined;
  /** A repeated key writes nothing and gets the first answer, for 24 hours. */
  readonly idempotencyKey?: string | undefined;
}

export interface WaitOptions extends SpaceOptions {
  /** Waits this long for a match, on top of the deadline; without it, looks once. The node allows 60 s by default. */
  readonly waitMs?: number | undefined;
}

export interface TakeOptions extends WaitOptions {
  /** A repeated key gets the tuple that it took, for 24 hours: no reply that gets lost takes a tuple along. */
  readonly idempotencyKey?: string | undefined;
}

export interface ReadAllOptions extends SpaceOptions {
  /** Tuples at most, 1-10,000; 1,000 by default. */
  readonly limit?: number | undefined;
}

export interface WrittenTuple {
  /** By which a tuple with a TTL is renewed; null without. */
  readonly lease: bigint | null;
}

/** Each by itself, or over a stream. */
export interface TupleOperations {
  /** Resolves once the tuple cannot be lost. */
  write(tuple: TupleInput, options?: WriteOptions): Promise<WrittenTuple>;
  /** Lets a tuple live for `ttlMs` from now on; false: it is not there any more. */
  renew(lease: bigint, ttlMs: number, options?: SpaceOptions): Promise<boolean>;
  /** The oldest match, which stays; null where there is none. */
  read(pattern: PatternInput, options?: WaitOptions): Promise<FieldOutput[] | null>;
  /** Removes the oldest match; null where there is none. Without a key, a tuple whose reply gets lost is lost. */
  take(pattern: PatternInput, options?: TakeOptions): Promise<FieldOutput[] | null>;
  /** The matches, oldest first; they stay. @throws RESOURCE_EXHAUSTED over 4 MiB of them. */
  readAll(pattern: PatternInput, options?: ReadAllOptions): Promise<FieldOutput[][]>;
  count(pattern: PatternInput, options?: SpaceOptions): Promise<number>;
  /** Replaces the oldest match by a new tuple, the youngest, where it equals `expected`; false: it does not. */
  compareAndSwap(
    pattern: PatternInput,
    expected: TupleInput,
    replacement: TupleInput,
    options?: SpaceOptions,
  ): Promise<boolean>;
}

/** The way to the node. Where an operation may wait there, it does so for `waitMs` on top of its deadline. */
export interface TupleCalls {
  write(request: WriteRequest, options: CallOptions): Promise<WriteResponse>;
  renew(request: RenewRequest, options: CallOptions): Promise<RenewResponse>;
  read(request: ReadRequest, options: CallOptions, waitMs: number): Promise<ReadResponse>;
  take(request: TakeRequest, options: CallOptions, waitMs: number): Promise<TakeResponse>;
  readAll(request: ReadAllRequest, options: CallOptions): Promise<ReadAllResponse>;
  count(request: CountRequest, options: CallOptions): Promise<CountResponse>;
  compareAndSwap(request: CompareAndSwapRequest, options: CallOptions): Promise<CompareAndSwapResponse>;
}

export function createTupleOperations(calls: TupleCalls): TupleOperations {
  return { ...changes(calls), ...looks(calls) };
}

function changes(calls: TupleCalls): Pick<TupleOperations, 'write' | 'renew' | 'compareAndSwap'> {
  return {
    async write(tuple, { namespace = '', ttlMs, idempotencyKey = '', ...options } = {}) {
      const ttl = ttlMs === undefined ? undefined : toUint64(ttlMs, 'ttlMs');
      const request = { namespace, tuple: tupleToMessage(toTuple(tuple)), idempotencyKey, ttlMs: ttl };
      const { lease } = await calls.write(request, options);
      return { lease: lease === 0n ? null : lease };
    },
    async renew(lease, ttlMs, { namespace = '', ...options } = {}) {
      return (await calls.renew({ namespace, lease, ttlMs: toUint64(ttlMs, 'ttlMs') }, options)).renewed;
    },
    async compareAndSwap(pattern, expected, replacement, { namespace = '', ...options } = {}) {
      const change = { expected: tupleToMessage(toTuple(expected)), replacement: tupleToMessage(toTuple(replacement)) };
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)), ...change };
      return (await calls.compareAndSwap(request, options)).swapped;
    },
  };
}

function looks(calls: TupleCalls): Omit<TupleOperations, 'write' | 'renew' | 'compareAndSwap'> {
  return {
    async read(pattern, { namespace = '', waitMs = 0, ...options } = {}) {
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)), waitMs: toUint64(waitMs, 'waitMs') };
      return toOutput((await calls.read(request, options, waitMs)).tuple);
    },
    async take(pattern, { namespace = '', waitMs = 0, idempotencyKey = '', ...options } = {}) {
      const wait = { waitMs: toUint64(waitMs, 'waitMs'), idempotencyKey };
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)), ...wait };
      return toOutput((await calls.take(request, options, waitMs)).tuple);
    },
    async readAll(pattern, { namespace = '', limit = 0, ...options } = {}) {
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)), limit };
      const { tuples } = await calls.readAll(request, options);
      return tuples.map((tuple) => tupleToOutput(tupleFromMessage(tuple)));
    },
    async count(pattern, { namespace = '', ...options } = {}) {
      return Number((await calls.count({ namespace, pattern: patternToMessage(toPattern(pattern)) }, options)).count);
    },
  };
}

function toOutput(message: TupleMessage | undefined): FieldOutput[] | null {
  return message === undefined ? null : tupleToOutput(tupleFromMessage(message));
}
