"""The harness that authors test with."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

import support  # noqa: F401  the SDK on the path
from plexspaces import testing

SOURCE = """
seen = 0
cached = 0

def init(state):
    global seen
    seen = int(state or b"0")

def handle_request(from_actor, message_type, payload):
    global seen, cached
    seen += 1
    cached += 1
    return {"seen": seen, "cached": cached, "from": from_actor}

def snapshot_state():
    return str(seen)
"""


class Harness(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.mkdtemp()
        Path(directory, "remembering.py").write_text(SOURCE)
        sys.path.insert(0, directory)
        self.addCleanup(sys.path.remove, directory)

    def test_a_restart_keeps_what_the_snapshot_says_and_nothing_else(self) -> None:
        actor = testing.start("remembering")
        actor.request("x")
        self.assertEqual(actor.request("x", from_actor="me"), {"seen": 2, "cached": 2, "from": "me"})
        self.assertEqual(actor.restart().request("x"), {"seen": 3, "cached": 1, "from": "client"})

    def test_a_start_may_be_given_a_state_and_finds_an_empty_host(self) -> None:
        testing.start("remembering").host.tuples.append([])
        actor = testing.start("remembering", b"7")
        self.assertEqual(actor.request("x")["seen"], 8)
        self.assertEqual(actor.host.tuples, [])


if __name__ == "__main__":
    unittest.main()
