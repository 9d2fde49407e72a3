/**
 * Tuple spaces that treat those who wait wrongly. Controls for whatever says how they are served.
 *
 *     lifo     who came last is served first
 *     deaf     who has gone stays, and takes a tuple along
 */
import type { StoreOperation } from '../../packages/runtime/src/store/store.ts';
import type { Waiter } from '../../packages/runtime/src/tuplespace/space.ts';
import type { Spaces } from '../../packages/runtime/src/tuplespace/spaces.ts';

type WaitFor = Spaces['waitFor'];
export type Oddity = 'lifo' | 'deaf';

export function oddWaiters(spaces: Spaces, oddity: Oddity): Spaces {
  const waitFor = oddity === 'lifo' ? lastComeFirst(spaces) : deaf(spaces);
  return new Proxy(spaces, {
    get(target, name) {
      if (name === 'waitFor') return waitFor;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

interface Standing {
  readonly join: () => () => boolean;
  leave: () => boolean;
}

/** Whoever comes has all others leave and queue up behind it. */
function lastComeFirst(spaces: Spaces): WaitFor {
  const standing: Standing[] = [];
  return (space, pattern, waiter) => {
    const others = standing.filter(({ leave }) => leave());
    const join = (): (() => boolean) => spaces.waitFor(space, pattern, waiter);
    const own: Standing = { join, leave: join() };
    for (const other of others) other.leave = other.join();
    standing.splice(0, standing.length, own, ...others);
    return () => own.leave();
  };
}

function deaf(spaces: Spaces): WaitFor {
  return (space, pattern, waiter) => {
    const accept: Waiter['accept'] = (found): readonly StoreOperation[] => {
      const operations = waiter.accept(found);
      return operations.length > 0 ? operations : found.operations;
    };
    spaces.waitFor(space, pattern, { kind: waiter.kind, accept });
    return () => true;
  };
}
