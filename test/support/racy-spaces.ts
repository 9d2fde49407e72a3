/**
 * Tuple spaces whose take is a read and, a moment later, a delete: two that take at the same time can get the same tuple.
 * A control for whatever says that a tuple is taken once.
 */
import type { Tuple } from '@plexspaces/core';
import type { StoreOperation } from '../../packages/runtime/src/store/store.ts';
import type { Found, Waiter } from '../../packages/runtime/src/tuplespace/space.ts';
import type { Spaces } from '../../packages/runtime/src/tuplespace/spaces.ts';

/** What a round trip between the two would take. */
const BETWEEN_MS = 1;

type Take = Spaces['take'];

export type Append = (operations: readonly StoreOperation[]) => unknown;

export function racySpaces(spaces: Spaces, append: Append): Spaces {
  const take: Take = (space, pattern) => {
    const tuple = spaces.read(space, pattern);
    if (tuple === undefined) return undefined;
    setTimeout(() => append(spaces.take(space, exactly(tuple))?.operations ?? []), BETWEEN_MS);
    return { tuple, operations: [] };
  };
  const look = (space: string, pattern: Parameters<Take>[1], kind: Waiter['kind']): Found | undefined =>
    kind === 'take' ? take(space, pattern) : spaces.look(space, pattern, kind);
  return new Proxy(spaces, {
    get(target, name) {
      if (name === 'take') return take;
      if (name === 'look') return look;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function exactly(tuple: Tuple): Parameters<Take>[1] {
  return tuple.map((field) => ({ match: 'exact', field }));
}
