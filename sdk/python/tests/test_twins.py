"""The actors that every language has: echo, counter, word_count and poller, without a node."""

from __future__ import annotations

import json
import sys
import unittest

from support import PROJECT
from plexspaces import testing, tuples
from plexspaces.testing import Err, Started

TEXT = "The cat and the dog, and THE bird2: caf\u00e9!"


def started(name: str) -> Started:
    directory = str(PROJECT / "actors" / "python" / name)
    sys.path.insert(0, directory)
    try:
        return testing.start(name)
    finally:
        sys.path.remove(directory)


class Echo(unittest.TestCase):
    def test_payloads_come_back_byte_for_byte(self) -> None:
        echo = started("echo")
        for payload in (b"", b"{", b"\x00\xff", b' { "a" : 1 } '):
            self.assertEqual(echo.request_bytes("any", payload), payload)


class Counter(unittest.TestCase):
    def test_it_counts_and_is_restored(self) -> None:
        counter = started("counter")
        self.assertEqual(counter.request("increment"), {"count": 1})
        self.assertEqual(counter.request("increment", {"by": -3}), {"count": -2})
        self.assertEqual(counter.request("get"), {"count": -2})
        self.assertEqual(counter.snapshot(), b"-2")
        sys.path.insert(0, str(PROJECT / "actors" / "python" / "counter"))
        self.assertEqual(counter.restart().request("increment", {"by": 2}), {"count": 0})

    def test_what_it_refuses_counts_nothing(self) -> None:
        counter = started("counter")
        for value, found in (("x", '"x"'), (1.5, "1.5"), (None, "null"), (True, "true"), ([1, 2], "[1,2]")):
            with self.assertRaises(Err) as raised:
                counter.request("increment", {"by": value})
            self.assertEqual(raised.exception.value, f"by: expected an integer, found {found}")
        with self.assertRaisesRegex(Err, "^unknown method: zap$"):
            counter.request("zap")
        self.assertEqual(counter.request("get"), {"count": 0})


class WordCount(unittest.TestCase):
    def test_words_are_counted_and_nothing_is_left_behind(self) -> None:
        for parts in (1, 4, 16):
            word_count = started("word_count")
            counted = word_count.request("count", {"text": TEXT, "parts": parts})
            expected = [["the", 3], ["and", 2], ["bird2", 1], ["caf", 1], ["cat", 1], ["dog", 1]]
            self.assertEqual(counted, {"words": 9, "distinct": 6, "top": expected})
            self.assertEqual(word_count.host.tuples, [])
            self.assertEqual([to for to, _, _ in word_count.host.sent], ["test.Actor/default"] * parts)

    def test_a_worker_does_one_task_if_there_is_one(self) -> None:
        word_count = started("word_count")
        tuples.write("wc-task", "job", 0, "a b a")
        word_count.tell("work", "job")
        word_count.tell("work", "job")
        done = tuples.take("wc-done", "job", 0, tuples.ANY)
        self.assertEqual(json.loads(str(done and done[3])), {"a": 2, "b": 1})
        self.assertEqual(word_count.host.tuples, [])

    def test_ten_words_at_most_by_count_and_then_by_name(self) -> None:
        text = " ".join(["zz zz"] + [chr(ord("a") + index) for index in range(20, -1, -1)])
        counted = started("word_count").request("count", {"text": text})
        self.assertEqual(counted["top"], [["zz", 2], *([chr(ord("a") + index), 1] for index in range(9))])
        self.assertEqual(started("word_count").request("count", {"text": "?"}), {"words": 0, "distinct": 0, "top": []})

    def test_parts_have_limits(self) -> None:
        for parts in (0, 17):
            with self.assertRaisesRegex(Err, f"^parts: expected an integer from 1 to 16, found {parts}$"):
                started("word_count").request("count", {"text": "a", "parts": parts})


class Poller(unittest.TestCase):
    def test_it_takes_a_hundred_jobs_a_poll(self) -> None:
        poller = started("poller")
        for job in range(101):
            tuples.write("poll-job", job)
        poller.tell("poll")
        self.assertEqual(poller.request("status"), {"polls": 1, "seen": 100})
        poller.tell("poll")
        self.assertEqual(poller.request("status"), {"polls": 2, "seen": 101})
        self.assertEqual(tuples.count("poll-result", tuples.ANY), 101)
        self.assertEqual(tuples.count("poll-job", tuples.ANY), 0)


if __name__ == "__main__":
    unittest.main()
