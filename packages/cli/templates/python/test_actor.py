"""The actor without a node: `python3 -m unittest` in this directory."""

import os
import sys
import unittest

# The SDK, where `plexspaces new` found it; PLEXSPACES_SDK names another place.
sys.path.insert(0, os.environ.get("PLEXSPACES_SDK", "../../../../sdk/python"))

from plexspaces import testing  # noqa: E402


class Greets(unittest.TestCase):
    def setUp(self) -> None:
        self.actor = testing.start("actor")

    def test_it_greets_and_counts(self) -> None:
        self.assertEqual(self.actor.request("greet", {"name": "Ann"}), {"text": "Hello, Ann!", "greeted": 1})
        self.assertEqual(self.actor.request("greet", {"name": "Bob"}), {"text": "Hello, Bob!", "greeted": 2})

    def test_it_remembers_over_a_restart(self) -> None:
        self.actor.request("greet", {"name": "Ann"})
        self.assertEqual(self.actor.restart().request("greet", {"name": "Bob"})["greeted"], 2)

    def test_it_refuses_what_is_no_name(self) -> None:
        with self.assertRaisesRegex(testing.Err, "^name: expected a string, found 7$"):
            self.actor.request("greet", {"name": 7})
        with self.assertRaisesRegex(testing.Err, "^name: expected a name, found an empty text$"):
            self.actor.request("greet", {"name": ""})


if __name__ == "__main__":
    unittest.main()
