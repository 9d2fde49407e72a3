"""Looks for jobs in the tuple space by itself, as often as the node tells it to (`every` in plexspaces.json)."""

from plexspaces import Actor, handler, tuples
from plexspaces.tuples import ANY

MAX_JOBS = 100


class Poller(Actor):
    polls = 0
    seen = 0

    @handler
    def poll(self) -> None:
        self.polls += 1
        for _ in range(MAX_JOBS):
            found = tuples.take("poll-job", ANY)
            if found is None:
                return
            self.seen += 1
            tuples.write("poll-result", found[1])

    @handler
    def status(self) -> dict[str, int]:
        return {"polls": self.polls, "seen": self.seen}
