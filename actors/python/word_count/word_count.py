"""Counts the words of a text, master and workers through the tuple space.

Whoever is asked is the master: it writes one task for each part of the text, tells its own service that there is
work, so that other workers of the pool take part, works on what is left itself, and collects what all have done.
"""

import json
import re
import uuid
from collections import Counter
from dataclasses import dataclass

from plexspaces import Actor, ActorError, clock, handler, messaging, tuples
from plexspaces.tuples import ANY, Type

MAX_PARTS = 16
TOP_WORDS = 10
PATIENCE_MS = 10_000
WORD = re.compile("[A-Za-z0-9]+")


@dataclass
class Counted:
    words: int
    distinct: int
    top: list[tuple[str, int]]


class WordCount(Actor):
    @handler
    def count(self, text: str, parts: int = 4) -> Counted:
        if not 1 <= parts <= MAX_PARTS:
            raise ActorError(f"parts: expected an integer from 1 to {MAX_PARTS}, found {parts}")
        job = f"{messaging.self_id()}-{clock.now_millis()}-{uuid.uuid4()}"
        share(job, text, parts)
        while work_on(job):
            pass
        counts = collect(job, parts)
        top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP_WORDS]
        return Counted(counts.total(), len(counts), top)

    @handler
    def work(self, job: str) -> None:
        """One task of the job, if there is one left."""
        work_on(job)


def share(job: str, text: str, parts: int) -> None:
    words = WORD.findall(text)
    service = messaging.self_id()
    for index in range(parts):
        run = words[index * len(words) // parts : (index + 1) * len(words) // parts]
        tuples.write("wc-task", job, index, " ".join(run).lower())
        messaging.tell(service, "work", job)


def work_on(job: str) -> bool:
    task = tuples.take("wc-task", job, Type(int), Type(str))
    if task is None:
        return False
    tuples.write("wc-done", job, task[2], json.dumps(Counter(str(task[3]).split())))
    return True


def collect(job: str, parts: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for _ in range(parts):
        done = tuples.take("wc-done", job, ANY, Type(str), timeout_ms=PATIENCE_MS)
        if done is None:
            raise ActorError(f"expected each part to be counted within {PATIENCE_MS} ms, found one that was not")
        counts.update(json.loads(str(done[3])))
    return counts
