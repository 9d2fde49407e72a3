/**
 * Tuples that were there and then were not, though nobody is known to have taken them: operations without a result took
 * them, while those still could. Where too few of these are left the search is to see it at once.
 */
import type { AgedTuples } from './aged-tuples.ts';
import { leftBy, matches } from './model.ts';
import type { Tuple } from './model.ts';
import { hasBit } from './precedence.ts';
import type { Precedence } from './precedence.ts';
import { canRemove } from './settle-known.ts';
import type { SettledOperation } from './settle-known.ts';

interface Remover {
  readonly index: number;
  readonly operation: SettledOperation;
}

export class VanishedTuples {
  /** By the writes. */
  readonly #vanished: ReadonlySet<number>;
  readonly #removers: readonly Remover[];

  constructor(operations: readonly SettledOperation[], precedence: Precedence) {
    this.#removers = operations.flatMap((operation, index) =>
      operation.result === undefined ? { index, operation } : [],
    );
    const isMissed = (write: number, tuple: Tuple): boolean =>
      operations.some((look, index) => isMissing(look, tuple) && precedence.has(write, index));
    const writes = operations.flatMap((operation, write) => {
      const { isOnlyWriter, isAccountedFor, action } = operation;
      const tuple = isOnlyWriter && !isAccountedFor ? leftBy(action) : undefined;
      return tuple !== undefined && isMissed(write, tuple) ? [write] : [];
    });
    this.#vanished = new Set(writes);
  }

  /** Whether those that are there can still be taken. */
  allow(space: AgedTuples, placed: Uint32Array, lastCall: number): boolean {
    if (this.#vanished.size === 0) return true;
    const items = space.items.filter(({ index }) => this.#vanished.has(index));
    if (items.length === 0) return true;
    const left = this.#removers.filter(({ index, operation }) => !hasBit(placed, index) && operation.end >= lastCall);
    const used = left.filter(({ operation }) => items.some(({ tuple }) => canRemove(operation, tuple)));
    return (
      items.length <= used.length &&
      items.every(({ tuple }) => left.some(({ operation }) => canRemove(operation, tuple)))
    );
  }
}

/** It saw all matches, and this is none of them. */
function isMissing({ action, result }: SettledOperation, tuple: Tuple): boolean {
  return action.kind !== 'write' && result?.kind === 'nothing' && matches(action.pattern, tuple);
}
