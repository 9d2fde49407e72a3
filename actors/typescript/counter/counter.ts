/** Counts, and remembers how far it has counted. */
import { ActorError, defineActor } from '@plexspaces/actor';
import type { Actor } from '@plexspaces/actor';

export const actor: Actor = defineActor({
  init: (saved: number | undefined) => ({ count: saved ?? 0 }),
  handlers: {
    increment({ by = 1 }: { readonly by?: unknown } = {}, { state }) {
      state.count += expectInteger(by);
      return { count: state.count };
    },
    get: (_input, { state }) => ({ count: state.count }),
  },
  anyRequest(_payload, { method }) {
    throw new ActorError(`unknown method: ${method}`);
  },
  snapshot: ({ count }) => count,
});

function expectInteger(by: unknown): number {
  if (typeof by === 'number' && Number.isSafeInteger(by)) return by;
  throw new ActorError(`by: expected an integer, found ${JSON.stringify(by)}`);
}
