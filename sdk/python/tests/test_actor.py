"""The base class: handlers by name, JSON in and out, snapshot and restore."""

from __future__ import annotations

import json
import unittest

from support import Component

COUNTER = """
from plexspaces import Actor, ActorError, handler

class Counter(Actor):
    def __init__(self):
        self.count = 0

    @handler
    def add(self, amount, twice=False):
        self.count += amount * (2 if twice else 1)
        return {"count": self.count, "from": self.from_actor}

    @handler("total!")
    def total(self):
        return self.count

    @handler
    def refuse(self):
        raise ActorError("not today")

    @handler
    def inside(self):
        return self.add(1, 2, 3, 4)

    @handler
    def raw(self):
        return b"\\x00\\x01"

    def snapshot(self):
        return {"count": self.count}

    def restore(self, value):
        self.count = value["count"]
"""


class Handlers(unittest.TestCase):
    def setUp(self) -> None:
        self.counter = Component(COUNTER)
        self.counter.actor.init(b"")

    def test_an_object_is_keyword_arguments(self) -> None:
        reply = self.counter.request("add", b'{"amount": 2, "twice": true}')
        self.assertEqual(json.loads(reply), {"count": 4, "from": "tester"})

    def test_any_other_value_is_one_argument_and_nothing_is_none(self) -> None:
        self.assertEqual(json.loads(self.counter.request("add", b"3"))["count"], 3)
        self.assertEqual(self.counter.request("total!"), b"3")

    def test_bytes_go_out_as_they_are(self) -> None:
        self.assertEqual(self.counter.request("raw"), b"\x00\x01")

    def test_an_unknown_method_is_named_with_what_there_is(self) -> None:
        self.assertEqual(
            self.counter.error("zap"), "unknown method 'zap': expected one of add, inside, raw, refuse, total!"
        )
        self.assertIn("unknown method 'total'", self.counter.error("total"))

    def test_methods_that_are_no_handlers_cannot_be_called(self) -> None:
        for name in ("snapshot", "restore", "init", "__init__", "_method"):
            self.assertIn("unknown method", self.counter.error(name))

    def test_arguments_that_do_not_fit_are_the_callers_fault(self) -> None:
        for payload, found in ((b"{}", "none"), (b'{"sum": 1}', "sum"), (b"", "none")):
            error = self.counter.error("add", payload)
            self.assertEqual(error, f"payload: expected the arguments of add(amount, twice=False), found {found}")
        self.assertEqual(self.counter.stderr, "")

    def test_a_type_error_from_within_is_the_handlers_own(self) -> None:
        self.assertRegex(self.counter.error("inside"), r"^TypeError: .*\(author_\d+\.py:\d+ in inside\)$")

    def test_bad_json_is_refused_with_its_place(self) -> None:
        self.assertRegex(self.counter.error("add", b'{"amount": '), r"^payload: expected JSON, found .*line 1")
        self.assertIn("NaN is not JSON", self.counter.error("add", b"NaN"))
        self.assertIn("expected JSON", self.counter.error("add", b"\xff\xfe\xff"))

    def test_the_actors_own_no_goes_out_as_it_is(self) -> None:
        self.assertEqual(self.counter.error("refuse"), "not today")
        self.assertEqual(self.counter.stderr, "")

    def test_two_handlers_of_one_message_are_refused(self) -> None:
        source = "from plexspaces import Actor, handler\nclass A(Actor):\n"
        source += "  @handler\n  def x(self): pass\n  @handler('x')\n  def y(self): pass"
        with self.assertRaisesRegex(TypeError, "'x' has two handlers, x and y"):
            Component(source)


class State(unittest.TestCase):
    def test_a_snapshot_restores(self) -> None:
        counter = Component(COUNTER)
        counter.actor.init(b"")
        counter.request("add", b"5")
        state = counter.actor.snapshot_state()
        restored = Component(COUNTER)
        restored.actor.init(state)
        self.assertEqual(restored.request("total!"), b"5")
        self.assertEqual(restored.actor.snapshot_state(), state)

    def test_without_snapshot_there_is_none_and_a_state_is_refused(self) -> None:
        from plexspaces.testing import Err

        component = Component("from plexspaces import Actor\nclass A(Actor): pass")
        self.assertIsNone(component.actor.snapshot_state())
        with self.assertRaises(Err) as raised:
            component.actor.init(b"{}")
        self.assertIn("defines no restore", raised.exception.value)

    def test_the_instance_is_made_by_the_first_call_and_not_by_the_build(self) -> None:
        component = Component("from plexspaces import Actor\nclass A(Actor):\n  def __init__(self): raise OSError('made')")
        self.assertIn("OSError: made", component.error("x"))


if __name__ == "__main__":
    unittest.main()
