/** A tuple space that a program injects into actors, and uses itself. */
import { setMaxListeners } from 'node:events';
import { PlexSpacesError, toPattern, toTuple, toUint64, tupleToOutput } from '@plexspaces/core';
import type { FieldOutput, PatternInput, TupleInput } from '@plexspaces/core';
import { awaitTuple } from '../tuplespace/await-tuple.ts';
import { DEFAULT_TENANT, spaceOf } from '../tuplespace/space-name.ts';
import type { SpaceOptions } from '../tuplespace/space-options.ts';
import { Spaces } from '../tuplespace/spaces.ts';

export interface WaitOptions {
  /** Waits this long for a match; without it, looks once. At most `maxWaitMs` of the space. */
  readonly waitMs?: number | undefined;
  /** Ends the waiting: CANCELLED, and nothing is taken. */
  readonly signal?: AbortSignal | undefined;
}

/** What actors see as theirs: a program's actors have no namespaces. */
export const NAMESPACE = 'default';
const SPACE = spaceOf({ tenant: DEFAULT_TENANT, namespace: NAMESPACE });
/** No actor wrote it. */
const PROGRAM = '';
const SWEEP_LIMIT = 1_000;
const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER); // two for each that waits
const spacesOf = new WeakMap<TupleSpace, Spaces>();

/** It is in memory, and ends with its last user. */
export class TupleSpace {
  readonly #spaces: Spaces;

  /** @throws INVALID_ARGUMENT naming the option that is out of its range. */
  constructor(options: SpaceOptions = {}) {
    this.#spaces = new Spaces(options);
    spacesOf.set(this, this.#spaces);
  }

  /**
   * @returns the lease by which a tuple with a `ttlMs` is renewed.
   * @throws RESOURCE_EXHAUSTED past the limits of a tuple or of the space, INVALID_ARGUMENT.
   */
  write(tuple: TupleInput, { ttlMs }: { readonly ttlMs?: number | undefined } = {}): bigint {
    this.#sweep();
    return this.#spaces.write(SPACE, toTuple(tuple), PROGRAM, ttlMs).number;
  }

  /** Lets a tuple live for `ttlMs` from now on; false: it is not there any more. */
  renew(lease: bigint, ttlMs: number): boolean {
    return this.#spaces.renew(SPACE, lease, ttlMs) !== undefined;
  }

  /** The oldest match, which stays; undefined: there is none. */
  read(pattern: PatternInput, options: WaitOptions = {}): Promise<FieldOutput[] | undefined> {
    return this.#find('read', pattern, options);
  }

  /** Removes the oldest match; nobody else gets it. Undefined: there is none. */
  take(pattern: PatternInput, options: WaitOptions = {}): Promise<FieldOutput[] | undefined> {
    return this.#find('take', pattern, options);
  }

  /** The matches, oldest first; they stay. @param limit 1-10,000. @throws RESOURCE_EXHAUSTED over 4,000,000 bytes of them. */
  readAll(pattern: PatternInput, limit = 1_000): FieldOutput[][] {
    return this.#spaces.readAll(SPACE, toPattern(pattern), limit).map(tupleToOutput);
  }

  count(pattern: PatternInput): number {
    return this.#spaces.count(SPACE, toPattern(pattern));
  }

  /** Replaces the oldest match by a new tuple, the youngest, where it equals `expected`; false: it does not. */
  compareAndSwap(pattern: PatternInput, expected: TupleInput, replacement: TupleInput): boolean {
    const change = { expected: toTuple(expected), replacement: toTuple(replacement), writer: PROGRAM };
    return this.#spaces.compareAndSwap(SPACE, toPattern(pattern), change) !== undefined;
  }

  async #find(
    kind: 'read' | 'take',
    pattern: PatternInput,
    { waitMs = 0, signal = NEVER }: WaitOptions,
  ): Promise<FieldOutput[] | undefined> {
    this.#sweep();
    const wait = { kind, space: SPACE, pattern: toPattern(pattern), waitMs: this.#expectWait(waitMs), signal } as const;
    const tuple = await awaitTuple(this.#spaces, { ...wait, closing: NEVER, append: () => undefined });
    return tuple && tupleToOutput(tuple);
  }

  #expectWait(waitMs: number): number {
    const { maxWaitMs } = this.#spaces.options;
    if (toUint64(waitMs, 'waitMs') <= maxWaitMs) return waitMs;
    throw new PlexSpacesError('INVALID_ARGUMENT', `waitMs: expected at most ${maxWaitMs}, found ${waitMs}`);
  }

  /** Of what nobody asks for; while actors have the space, they see to it, too. */
  #sweep(): void {
    this.#spaces.sweep(SWEEP_LIMIT);
  }
}

export function injectedSpaces(space: TupleSpace): Spaces {
  const spaces = spacesOf.get(space);
  if (spaces === undefined) throw new PlexSpacesError('INVALID_ARGUMENT', 'tuplespace: expected a TupleSpace');
  return spaces;
}
