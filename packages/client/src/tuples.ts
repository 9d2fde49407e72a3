/** The tuple space from outside. */
import { toPattern, toTuple, toUint64, tupleToOutput } from '@plexspaces/core';
import type { FieldOutput, PatternInput, TupleInput } from '@plexspaces/core';
import { patternToMessage, tupleFromMessage, tupleToMessage } from '@plexspaces/proto';
import type { TupleMessage } from '@plexspaces/proto';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';
import { watchTuples } from './watch.ts';
import type { TupleWatch } from './watch.ts';

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

export interface TupleSpace {
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
  /** Resolves once every later write that matches will come. */
  watch(pattern: PatternInput, options?: SpaceOptions): Promise<TupleWatch>;
}

export function createTupleSpace(stubs: Stubs, deadlineMs: number): TupleSpace {
  return { ...writes(stubs, deadlineMs), ...looks(stubs, deadlineMs) };
}

function writes({ tuples }: Stubs, defaultMs: number): Pick<TupleSpace, 'write' | 'renew' | 'compareAndSwap'> {
  return {
    async write(tuple, { namespace = '', ttlMs, idempotencyKey = '', ...options } = {}) {
      const ttl = ttlMs === undefined ? {} : { ttlMs: toUint64(ttlMs, 'ttlMs') };
      const request = { namespace, tuple: tupleToMessage(toTuple(tuple)), idempotencyKey, ...ttl };
      const { lease } = await tuples.write(request, stubOptions(options, defaultMs));
      return { lease: lease === 0n ? null : lease };
    },
    async renew(lease, ttlMs, { namespace = '', ...options } = {}) {
      const request = { namespace, lease, ttlMs: toUint64(ttlMs, 'ttlMs') };
      return (await tuples.renew(request, stubOptions(options, defaultMs))).renewed;
    },
    async compareAndSwap(pattern, expected, replacement, { namespace = '', ...options } = {}) {
      const change = { expected: tupleToMessage(toTuple(expected)), replacement: tupleToMessage(toTuple(replacement)) };
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)), ...change };
      return (await tuples.compareAndSwap(request, stubOptions(options, defaultMs))).swapped;
    },
  };
}

function looks(stubs: Stubs, defaultMs: number): Omit<TupleSpace, 'write' | 'renew' | 'compareAndSwap'> {
  const { tuples } = stubs;
  return {
    async read(pattern, { namespace = '', waitMs = 0, ...options } = {}) {
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)), waitMs: toUint64(waitMs, 'waitMs') };
      return toOutput((await tuples.read(request, stubOptions(options, defaultMs, waitMs))).tuple);
    },
    async take(pattern, { namespace = '', waitMs = 0, idempotencyKey = '', ...options } = {}) {
      const request = {
        namespace,
        pattern: patternToMessage(toPattern(pattern)),
        waitMs: toUint64(waitMs, 'waitMs'),
        idempotencyKey,
      };
      return toOutput((await tuples.take(request, stubOptions(options, defaultMs, waitMs))).tuple);
    },
    async readAll(pattern, { namespace = '', limit = 0, ...options } = {}) {
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)), limit };
      const reply = await tuples.readAll(request, stubOptions(options, defaultMs));
      return reply.tuples.map((tuple) => tupleToOutput(tupleFromMessage(tuple)));
    },
    async count(pattern, { namespace = '', ...options } = {}) {
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)) };
      return Number((await tuples.count(request, stubOptions(options, defaultMs))).count);
    },
    async watch(pattern, { namespace = '', ...options } = {}) {
      return watchTuples(stubs, { namespace, pattern: patternToMessage(toPattern(pattern)) }, options);
    },
  };
}

function toOutput(message: TupleMessage | undefined): FieldOutput[] | null {
  return message === undefined ? null : tupleToOutput(tupleFromMessage(message));
}
