/** Greets, and remembers how many it has greeted. */
import { ActorError, defineActor } from '@plexspaces/actor';
import type { Actor } from '@plexspaces/actor';

interface Greeting {
  readonly text: string;
  readonly greeted: number;
}

export const actor: Actor = defineActor({
  // What `snapshot` gave; nothing at the very first start.
  init: (saved: number | undefined) => ({ greeted: saved ?? 0 }),
  handlers: {
    greet({ name }: { readonly name?: unknown } = {}, { state }): Greeting {
      const greeted = expectName(name);
      state.greeted += 1;
      return { text: `Hello, ${greeted}!`, greeted: state.greeted };
    },
  },
  // All that is to be remembered.
  snapshot: ({ greeted }) => greeted,
});

function expectName(name: unknown): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new ActorError(`name: expected a name, found ${JSON.stringify(name)}`);
}
