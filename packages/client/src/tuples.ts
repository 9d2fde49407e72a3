/** The tuple space from outside: write, read, take, count. */
import { parsePatternText, parseTupleText, patternFromInput, tupleFromInput, tupleToOutput } from '@plexspaces/core';
import type { FieldInput, FieldOutput, Pattern, PatternFieldInput, Tuple } from '@plexspaces/core';
import { patternToMessage, tupleFromMessage, tupleToMessage } from '@plexspaces/proto';
import type { TupleMessage } from '@plexspaces/proto';
import { toUint64 } from './numbers.ts';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';

/** A list of fields, in which a safe integral number is an int; or JSON text, in which `6.0` is a float. */
export type TupleInput = readonly FieldInput[] | string;
/** As TupleInput; `{ "?": "any" }` and `{ "?": "int" }` are wildcards. */
export type PatternInput = readonly PatternFieldInput[] | string;

export interface SpaceOptions extends CallOptions {
  /** `default` by default. */
  readonly namespace?: string | undefined;
}

export interface WriteOptions extends SpaceOptions {
  /** The tuple vanishes after this. */
  readonly ttlMs?: number | undefined;
}

export interface WaitOptions extends SpaceOptions {
  /** Waits this long for a match, on top of the deadline; without it, looks once. */
  readonly waitMs?: number | undefined;
}

export interface TupleSpace {
  /** Resolves once the tuple cannot be lost. */
  write(tuple: TupleInput, options?: WriteOptions): Promise<void>;
  /** The oldest match, which stays; null where there is none. */
  read(pattern: PatternInput, options?: WaitOptions): Promise<FieldOutput[] | null>;
  /** Removes the oldest match; null where there is none. A tuple whose reply gets lost is lost. */
  take(pattern: PatternInput, options?: WaitOptions): Promise<FieldOutput[] | null>;
  count(pattern: PatternInput, options?: SpaceOptions): Promise<number>;
}

export function createTupleSpace({ tuples }: Stubs, deadlineMs: number): TupleSpace {
  return {
    async write(tuple, { namespace = '', ttlMs, ...options } = {}): Promise<void> {
      const ttl = ttlMs === undefined ? {} : { ttlMs: toUint64(ttlMs, 'ttlMs') };
      const request = { namespace, tuple: tupleToMessage(toTuple(tuple)), ...ttl };
      await tuples.write(request, stubOptions(options, deadlineMs));
    },
    async read(pattern, { namespace = '', waitMs = 0, ...options } = {}): Promise<FieldOutput[] | null> {
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)), waitMs: toUint64(waitMs, 'waitMs') };
      const reply = await tuples.read(request, stubOptions(options, deadlineMs, waitMs));
      return toOutput(reply.tuple);
    },
    async take(pattern, { namespace = '', waitMs = 0, ...options } = {}): Promise<FieldOutput[] | null> {
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)), waitMs: toUint64(waitMs, 'waitMs') };
      const reply = await tuples.take(request, stubOptions(options, deadlineMs, waitMs));
      return toOutput(reply.tuple);
    },
    async count(pattern, { namespace = '', ...options } = {}): Promise<number> {
      const request = { namespace, pattern: patternToMessage(toPattern(pattern)) };
      const reply = await tuples.count(request, stubOptions(options, deadlineMs));
      return Number(reply.count);
    },
  };
}

function toTuple(input: TupleInput): Tuple {
  return typeof input === 'string' ? parseTupleText(input) : tupleFromInput(input);
}

function toPattern(input: PatternInput): Pattern {
  return typeof input === 'string' ? parsePatternText(input) : patternFromInput(input);
}

function toOutput(message: TupleMessage | undefined): FieldOutput[] | null {
  return message === undefined ? null : tupleToOutput(tupleFromMessage(message));
}
