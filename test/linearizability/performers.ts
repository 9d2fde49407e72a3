/** Who acts on the space: clients by gRPC, operation by operation or over a stream, and guests in threads, each asked by a client for one operation a call. */
import type { PatternFieldInput, PlexSpacesClient, TupleOperations, TupleStream } from '@plexspaces/client';
import type { Action, Pattern, Result, Tuple } from './model.ts';

export interface Performer {
  readonly name: string;
  /** Whether the operation may be sent again under its key: what it did and found is recorded. */
  isRepeatable(action: Action): boolean;
  perform(client: PlexSpacesClient, action: Action, options: PerformOptions): Promise<Result>;
}

export interface PerformOptions {
  readonly key: string;
  /** Of a take. */
  readonly waitMs: number;
}

export interface ClientManner {
  readonly isKeyed: boolean;
  /** All of a client share one. */
  readonly isStreamed: boolean;
}

const streams = new WeakMap<PlexSpacesClient, TupleStream>();

export function clientPerformer(name: string, { isKeyed, isStreamed }: ClientManner): Performer {
  return {
    name,
    isRepeatable: ({ kind }) => isKeyed && (kind === 'write' || kind === 'take'),
    async perform(client, action, { key, waitMs }) {
      const tuples: TupleOperations = isStreamed ? streamOf(client) : client.tuples;
      const keyed = isKeyed ? { idempotencyKey: key } : {};
      switch (action.kind) {
        case 'write':
          await tuples.write(action.tuple, keyed);
          return { kind: 'written' };
        case 'read':
          return foundOrNot(await tuples.read(toInput(action.pattern)));
        case 'take':
          return foundOrNot(await tuples.take(toInput(action.pattern), { waitMs, ...keyed }));
        case 'count':
          return { kind: 'counted', count: await tuples.count(toInput(action.pattern)) };
        case 'read-all': {
          const listed = await tuples.readAll(toInput(action.pattern), { limit: action.limit });
          return { kind: 'listed', tuples: listed as readonly unknown[] as readonly Tuple[] };
        }
        case 'swap': {
          const { pattern, expected, replacement } = action;
          return { kind: 'swapped', isSwapped: await tuples.compareAndSwap(toInput(pattern), expected, replacement) };
        }
      }
    },
  };
}

function streamOf(client: PlexSpacesClient): TupleStream {
  const stream = streams.get(client) ?? client.tuples.stream();
  streams.set(client, stream);
  return stream;
}

/** @param address of a space_user. */
export function guestPerformer(name: string, address: string, { isKeyed }: { readonly isKeyed: boolean }): Performer {
  return {
    name,
    isRepeatable: () => isKeyed,
    async perform(client, action, { key, waitMs }) {
      const { kind, ...about } = action;
      const input = kind === 'take' && waitMs > 0 ? { ...about, wait_ms: waitMs } : about;
      const keyed = isKeyed ? { idempotencyKey: key } : {};
      return resultOf(kind, await client.invoke(address, kind, input, keyed));
    },
  };
}

function resultOf(kind: Action['kind'], answer: unknown): Result {
  switch (kind) {
    case 'write':
      return { kind: 'written' };
    case 'read':
    case 'take':
      return foundOrNot(answer);
    case 'count':
      return { kind: 'counted', count: answer as number };
    case 'read-all':
      return { kind: 'listed', tuples: answer as readonly Tuple[] };
    case 'swap':
      return { kind: 'swapped', isSwapped: answer as boolean };
  }
}

function foundOrNot(tuple: unknown): Result {
  return tuple === null ? { kind: 'nothing' } : { kind: 'found', tuple: tuple as Tuple };
}

function toInput(pattern: Pattern): PatternFieldInput[] {
  return pattern.map((field) => field ?? { '?': 'any' });
}
