/** Greets, and remembers how many it has greeted. */
import { ActorError, defineActor } from '@plexspaces/actor';

interface Saved {
  readonly greeted: number;
}

export const actor = defineActor({
  // What a fresh instance begins with, also after a restart: what `snapshot` gave, or nothing.
  init: (saved: Saved | undefined) => ({ greeted: saved?.greeted ?? 0 }),
  handlers: {
    greet(input: { readonly name?: unknown } = {}, { state }) {
      const name = expectName(input.name);
      state.greeted += 1;
      return { text: `Hello, ${name}!`, greeted: state.greeted };
    },
  },
  snapshot: (state) => state,
});

/** Types are not there at run time: whatever a caller sends has to be looked at. */
function expectName(name: unknown): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new ActorError(`name: expected a name, found ${JSON.stringify(name)}`);
}
