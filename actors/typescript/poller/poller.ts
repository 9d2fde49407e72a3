/** Looks for jobs in the tuple space by itself, as often as the node tells it to (`every` in plexspaces.json). */
import { any, defineActor, tuples } from '@plexspaces/actor';
import type { Actor } from '@plexspaces/actor';

const MAX_JOBS = 100;

export const actor: Actor = defineActor({
  init: () => ({ polls: 0, seen: 0 }),
  handlers: {
    status: (_input, { state }) => ({ polls: state.polls, seen: state.seen }),
  },
  messages: {
    poll(_input, { state }) {
      state.polls += 1;
      for (let left = MAX_JOBS; left > 0; left -= 1) {
        const found = tuples.take(['poll-job', any]);
        if (found === undefined) return;
        state.seen += 1;
        tuples.write('poll-result', found[1]);
      }
    },
  },
});
