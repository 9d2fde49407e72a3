/** What `plexspaces tuples` does: for each operation its arguments, its options and its answer. */
import type { PlexSpacesClient } from '@plexspaces/client';
import { parsePatternText, parseTupleText, PlexSpacesError } from '@plexspaces/core';
import type { FieldOutput } from '@plexspaces/core';
import type { Answer } from './output.ts';

export interface TupleOptions {
  readonly namespace?: string;
  readonly waitMs?: number;
  readonly ttlMs?: number;
  readonly limit?: number;
  readonly idempotencyKey?: string;
}

type OptionName = Exclude<keyof TupleOptions, 'namespace'>;
type Space = PlexSpacesClient['tuples'];

export type AnsweringOperation = 'write' | 'renew' | 'read' | 'take' | 'read-all' | 'count' | 'cas';
export type TupleOperation = AnsweringOperation | 'watch';

interface Usage {
  readonly arguments: readonly ('TUPLE' | 'PATTERN' | 'EXPECTED' | 'REPLACEMENT' | 'LEASE')[];
  readonly options: readonly OptionName[];
}

const USAGE: Readonly<Record<TupleOperation, Usage>> = {
  write: { arguments: ['TUPLE'], options: ['ttlMs', 'idempotencyKey'] },
  renew: { arguments: ['LEASE'], options: ['ttlMs'] },
  read: { arguments: ['PATTERN'], options: ['waitMs'] },
  take: { arguments: ['PATTERN'], options: ['waitMs', 'idempotencyKey'] },
  'read-all': { arguments: ['PATTERN'], options: ['limit'] },
  count: { arguments: ['PATTERN'], options: [] },
  cas: { arguments: ['PATTERN', 'EXPECTED', 'REPLACEMENT'], options: [] },
  watch: { arguments: ['PATTERN'], options: [] },
};

const FLAGS: Readonly<Record<OptionName, string>> = {
  waitMs: '--wait-ms',
  ttlMs: '--ttl-ms',
  limit: '--limit',
  idempotencyKey: '--idempotency-key',
};
const OPTION_NAMES: readonly OptionName[] = ['waitMs', 'ttlMs', 'limit', 'idempotencyKey'];
export const TUPLE_OPERATIONS: readonly string[] = Object.keys(USAGE);

/** What is wrong with the command line is known before a node is needed. @throws INVALID_ARGUMENT */
export function checkTupleCommand(operation: TupleOperation, given: readonly string[], options: TupleOptions): void {
  const { arguments: names, options: allowed } = USAGE[operation];
  if (given.length !== names.length) {
    throw invalid(`tuples ${operation}: expected ${names.join(' ')}, found ${given.length} arguments`);
  }
  for (const name of OPTION_NAMES) {
    if (options[name] === undefined || allowed.includes(name)) continue;
    const fitting = Object.entries(USAGE).filter(([, usage]) => usage.options.includes(name));
    const expected = fitting.map(([other]) => other).join(' or ');
    throw invalid(`${FLAGS[name]}: expected with ${expected}, found with ${operation}`);
  }
  if (operation === 'renew' && options.ttlMs === undefined)
    throw invalid('tuples renew: expected --ttl-ms, found none');
  for (const [place, name] of names.entries()) checkArgument(name, given[place] ?? '');
}

export async function performTuples(
  tuples: Space,
  operation: AnsweringOperation,
  [first = '', second = '', third = '']: readonly string[],
  { namespace, waitMs, ttlMs, limit, idempotencyKey }: TupleOptions,
): Promise<Answer> {
  switch (operation) {
    case 'write':
      return written(await tuples.write(first, { namespace, ttlMs, idempotencyKey }));
    case 'renew': {
      const renewed = await tuples.renew(BigInt(first), ttlMs ?? 0, { namespace });
      return { text: renewed ? 'renewed' : 'not there any more', document: { renewed } };
    }
    case 'read':
      return found(await tuples.read(first, { namespace, waitMs }));
    case 'take':
      return found(await tuples.take(first, { namespace, waitMs, idempotencyKey }));
    case 'read-all': {
      const all = await tuples.readAll(first, { namespace, limit });
      return { text: all.map((tuple) => JSON.stringify(tuple)).join('\n'), document: { tuples: all } };
    }
    case 'count': {
      const count = await tuples.count(first, { namespace });
      return { text: String(count), document: { count } };
    }
    case 'cas': {
      const swapped = await tuples.compareAndSwap(first, second, third, { namespace });
      return { text: swapped ? 'swapped' : 'not swapped', document: { swapped } };
    }
  }
}

function written({ lease }: { readonly lease: bigint | null }): Answer {
  if (lease === null) return { text: 'written', document: { written: true } };
  const number = Number(lease);
  return {
    text: `written, lease ${lease}`,
    document: { written: true, lease: Number.isSafeInteger(number) ? number : lease.toString() },
  };
}

/** No match is an answer: null. */
function found(tuple: FieldOutput[] | null): Answer {
  return { text: JSON.stringify(tuple), document: { tuple } };
}

function checkArgument(name: Usage['arguments'][number], text: string): void {
  if (name === 'PATTERN') parsePatternText(text);
  else if (name !== 'LEASE') parseTupleText(text);
  else if (!/^\d{1,20}$/.test(text) || BigInt.asUintN(64, BigInt(text)) !== BigInt(text)) {
    throw invalid(`lease: expected the number that write gave, found ${JSON.stringify(text)}`);
  }
}

function invalid(message: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', message);
}
