/**
 * Whether a history of the tuple space is linearizable: whether its operations can be put in one order, in which each
 * lies between its call and its end, so that one after the other they find what they found.
 *
 * Operations that cannot meet in a tuple are judged apart (A. Horn and D. Kroening, "Faster Linearizability Checking
 * via P-Compositionality", 2015). What must come before what is inferred first; a search for an order does the rest.
 *
 * An operation without a result may have taken effect or not, but before its end: what a dead node did not do it does
 * never (M. Aguilera and S. Frølund, "Strict Linearizability", 2003).
 */
import { inferPrecedence } from './inference.ts';
import { describeOperation } from './model.ts';
import type { Operation } from './model.ts';
import { partition } from './partition.ts';
import { OrderSearch } from './order-search.ts';
import { settleKnown } from './settle-known.ts';
import type { SettledOperation } from './settle-known.ts';

export interface Verdict {
  readonly isLinearizable: boolean;
  /** How much was tried. */
  readonly configurations: number;
  /** Why not; empty where it is. */
  readonly reason: string;
}

export interface CheckOptions {
  /** Configurations to be tried at most; a history that needs more is no verdict but an error. */
  readonly limit?: number;
}

/** Ten times what a history of 1,000 operations needs. */
const DEFAULT_LIMIT = 30_000;

/** @throws UndecidedError where the search does not end within its limit. */
export function check(history: readonly Operation[], { limit = DEFAULT_LIMIT }: CheckOptions = {}): Verdict {
  let configurations = 0;
  for (const part of partition(settleKnown(history))) {
    const verdict = checkPart(part, limit - configurations);
    configurations += verdict.configurations;
    if (!verdict.isLinearizable) return { ...verdict, configurations };
  }
  return { isLinearizable: true, configurations, reason: '' };
}

function checkPart(part: readonly SettledOperation[], limit: number): Verdict {
  const operations = part.toSorted((one, other) => one.call - other.call);
  const precedence = inferPrecedence(operations);
  if (precedence.conflict !== undefined) {
    const reason = `each of these must come before the other:\n${describeAll(operations, precedence.conflict)}`;
    return { isLinearizable: false, configurations: 0, reason };
  }
  const { isFound, configurations, stuck, space } = new OrderSearch(operations, precedence, limit).run();
  const reason = isFound ? '' : `of these none can come next, where the space holds ${space}:\n`;
  return { isLinearizable: isFound, configurations, reason: `${reason}${describeAll(operations, stuck)}` };
}

function describeAll(operations: readonly SettledOperation[], indexes: readonly number[]): string {
  return indexes
    .flatMap((index) => operations[index] ?? [])
    .map(describeOperation)
    .join('\n');
}
