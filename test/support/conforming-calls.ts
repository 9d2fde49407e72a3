/**
 * What the actors that every language has answer: one table, in the JSON of calls and replies. The answers are written
 * down, not computed. JSON replies are compared as values: how a number or a key is spelled is the language's business.
 */
import { expect } from 'vitest';
import type { PlexSpacesClient } from '@plexspaces/client';
import { PlexSpacesError } from '@plexspaces/client';
import type { ActorName } from './conforming-languages.ts';

export interface ConformingCall {
  readonly method: string;
  /** JSON text; none is an empty payload. */
  readonly payload?: string;
  /** The reply's value. */
  readonly reply?: unknown;
  /** The actor's "no": all of it, or how it begins where an ellipsis ends it. */
  readonly error?: string;
}

/** Calls of one fresh actor, in turn. */
export interface Conversation {
  readonly name: string;
  readonly calls: readonly ConformingCall[];
}

export const CONVERSATIONS: Readonly<Partial<Record<ActorName, readonly Conversation[]>>> = {
  counter: [
    {
      name: 'counts by one, or as it is told',
      calls: [
        { method: 'increment', reply: { count: 1 } },
        { method: 'increment', payload: '{}', reply: { count: 2 } },
        { method: 'increment', payload: '{"by":5}', reply: { count: 7 } },
        { method: 'increment', payload: '{"by":-3}', reply: { count: 4 } },
        { method: 'get', reply: { count: 4 } },
      ],
    },
    {
      name: 'refuses what is no integer, and a method that it does not have, and counts none of them',
      calls: [
        { method: 'increment', payload: '{"by":1.5}', error: 'by: expected an integer, found 1.5' },
        { method: 'increment', payload: '{"by":"x"}', error: 'by: expected an integer, found "x"' },
        { method: 'increment', payload: '{"by":null}', error: 'by: expected an integer, found null' },
        { method: 'increment', payload: '{"by":true}', error: 'by: expected an integer, found true' },
        { method: 'increment', payload: '{"by":[1,2]}', error: 'by: expected an integer, found [1,2]' },
        { method: 'zap', error: 'unknown method: zap' },
        { method: 'get', reply: { count: 0 } },
      ],
    },
  ],
  calculator: [
    {
      name: 'calculates, and counts what it has calculated',
      calls: [
        { method: 'add', payload: '{"operands":[1,2,3]}', reply: calculated('add', 6, 1) },
        { method: 'add', payload: '[1,2,3]', reply: calculated('add', 6, 2) },
        { method: 'add', payload: '[0.5,0.25]', reply: calculated('add', 0.75, 3) },
        { method: 'subtract', payload: '[10,2,3]', reply: calculated('subtract', 5, 4) },
        { method: 'subtract', payload: '[10]', reply: calculated('subtract', 10, 5) },
        { method: 'multiply', payload: '[2,3,4]', reply: calculated('multiply', 24, 6) },
        { method: 'divide', payload: '[1,4]', reply: calculated('divide', 0.25, 7) },
        { method: 'divide', payload: '[8,2,2]', reply: calculated('divide', 2, 8) },
        { method: 'count', reply: { operation_count: 8 } },
      ],
    },
    {
      name: 'remembers the last ten',
      calls: [
        ...Array.from({ length: 11 }, (_, index) => ({
          method: 'add',
          payload: `[${index}]`,
          reply: calculated('add', index, index + 1),
        })),
        {
          method: 'history',
          reply: {
            history: Array.from({ length: 10 }, (_, index) => ({
              operation: 'add',
              operands: [index + 1],
              result: index + 1,
            })),
          },
        },
      ],
    },
    {
      name: 'refuses in the same words, and counts nothing of it',
      calls: [
        ...(
          [
            ['[]', '[]'],
            ['"x"', '"x"'],
            ['{}', 'null'],
            ['{"operands":7}', '7'],
            ['["1"]', '"1"'],
            ['[true]', 'true'],
            ['[null]', 'null'],
          ] as const
        ).map(([payload, found]) => ({
          method: 'add',
          payload,
          error: `add: expected one or more finite numbers as operands, found ${found}`,
        })),
        { method: 'add', payload: '{', error: 'add: expected one or more finite numbers as operands, found no JSON…' },
        { method: 'add', error: 'add: expected one or more finite numbers as operands, found no JSON…' },
        { method: 'divide', payload: '[1,0]', error: 'divide: expected divisors other than 0, found 0' },
        {
          method: 'multiply',
          payload: '[1e308,10]',
          error: 'multiply: expected a result of at most 1.79769e+308, found a larger one',
        },
        {
          method: 'zap',
          payload: '[1]',
          error: "unknown method 'zap': expected one of add, subtract, multiply, divide, count, history",
        },
        { method: 'count', reply: { operation_count: 0 } },
        { method: 'history', reply: { history: [] } },
      ],
    },
  ],
  tuplespace_calculator: [
    {
      name: 'leaves its results in the tuple space',
      calls: [
        { method: 'count_results', reply: { count: 0 } },
        { method: 'add', payload: '{"operands":[1,2,3]}', reply: shared('add', 6) },
        { method: 'add', payload: '[2,3]', reply: shared('add', 5) },
        { method: 'subtract', payload: '[5,3]', reply: shared('subtract', 2) },
        { method: 'multiply', payload: '[2,3]', reply: shared('multiply', 6) },
        { method: 'divide', payload: '[1,4]', reply: shared('divide', 0.25) },
        { method: 'count_results', reply: { count: 5 } },
        { method: 'count_results', payload: '{"operation":"add"}', reply: { count: 2 } },
      ],
    },
    {
      name: 'reads and takes the oldest',
      calls: [
        { method: 'read_result', payload: '{"operation":"add"}', reply: described('add', [1, 2, 3], 6) },
        { method: 'take_result', payload: '{"operation":"add"}', reply: described('add', [1, 2, 3], 6) },
        { method: 'take_result', payload: '"add"', reply: described('add', [2, 3], 5) },
        { method: 'take_result', payload: '{"operation":"add"}', reply: null },
        { method: 'read_result', payload: '{"operation":"add"}', reply: null },
      ],
    },
    {
      name: 'refuses, and leaves nothing of it',
      calls: [
        { method: 'add', payload: '{"operands":[]}', error: 'operands: expected one or more numbers, found …' },
        { method: 'add', payload: '["1"]', error: 'operands: expected finite numbers, found …' },
        { method: 'divide', payload: '[1,0]', error: 'divide: expected divisors other than 0, found 0' },
        {
          method: 'multiply',
          payload: '[1e308,10]',
          error: 'multiply: expected a result of at most 1.79769e+308, found a larger one',
        },
        { method: 'count_results', payload: '{"operation":"multiply"}', reply: { count: 1 } },
      ],
    },
  ],
  word_count: [
    {
      name: 'counts words, and leaves out what is none',
      calls: [
        { method: 'count', payload: '{"text":""}', reply: { words: 0, distinct: 0, top: [] } },
        {
          method: 'count',
          payload: '{"text":"The cat and the dog, and THE bird2: café!"}',
          reply: {
            words: 9,
            distinct: 6,
            top: [
              ['the', 3],
              ['and', 2],
              ['bird2', 1],
              ['caf', 1],
              ['cat', 1],
              ['dog', 1],
            ],
          },
        },
        {
          method: 'count',
          payload: '{"text":"zz a b c d e f g h i j k zz","parts":16}',
          reply: {
            words: 13,
            distinct: 12,
            top: [['zz', 2], ...Array.from('abcdefghi').map((letter) => [letter, 1])],
          },
        },
        {
          method: 'count',
          payload: '{"text":"one two three","parts":1}',
          reply: {
            words: 3,
            distinct: 3,
            top: [
              ['one', 1],
              ['three', 1],
              ['two', 1],
            ],
          },
        },
      ],
    },
    {
      name: 'refuses what it cannot split',
      calls: [
        { method: 'count', payload: '{"text":"a","parts":0}', error: 'parts: …' },
        { method: 'count', payload: '{"text":"a","parts":17}', error: 'parts: …' },
      ],
    },
  ],
};

export type Answer = { readonly reply: unknown } | { readonly error: PlexSpacesError };

export function answerTo(client: PlexSpacesClient, address: string, call: ConformingCall): Promise<Answer> {
  return client.invoke(address, call.method, Buffer.from(call.payload ?? '')).then(
    (reply) => ({ reply }),
    (thrown: unknown) => ({ error: PlexSpacesError.from(thrown) }),
  );
}

/** For toEqual. */
export function expectedOf({ reply, error }: ConformingCall): unknown {
  if (error === undefined) return { reply };
  return { error: expect.objectContaining({ code: 'EXECUTION_ERROR', message: wording(error) }) };
}

function wording(error: string): unknown {
  if (!error.endsWith('…')) return error;
  const begins = error.slice(0, -1).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return expect.stringMatching(new RegExp(`^${begins}`));
}

function calculated(operation: string, result: number, count: number): object {
  return { result, operation, operation_count: count, durable: true };
}

function shared(operation: string, result: number): object {
  return { result, operation, tuplespace_used: true };
}

function described(operation: string, operands: readonly number[], result: number): object {
  return { result, operation, operands, from: 'client' };
}
