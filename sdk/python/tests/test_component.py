"""The wrapper: what becomes of the values and exceptions of an author's module."""

from __future__ import annotations

import json
import random
import unittest
import uuid
from unittest import mock

from support import PROJECT, Component, Err


class PlainModules(unittest.TestCase):
    def reply_of(self, expression: str) -> bytes:
        return Component(f"def handle_request(a, b, c): return {expression}").request("x")

    def test_values_become_bytes(self) -> None:
        self.assertEqual(self.reply_of("b'raw'"), b"raw")
        self.assertEqual(self.reply_of("bytearray(b'raw')"), b"raw")
        self.assertEqual(self.reply_of("'text é'"), "text é".encode())
        self.assertEqual(self.reply_of("{'b': 1, 'a': [2.5, None]}"), b'{"b":1,"a":[2.5,null]}')
        self.assertEqual(self.reply_of("None"), b"null")
        self.assertEqual(self.reply_of("[1, None]"), b"[1,null]")

    def test_pairs_are_a_value_or_an_error(self) -> None:
        self.assertEqual(self.reply_of("(b'ok', None)"), b"ok")
        for expression in ("(None, 'no')", "(b'ignored', 'no')"):
            self.assertEqual(Component(f"def handle_request(a, b, c): return {expression}").error("x"), "no")
        self.assertEqual(
            Component("def handle_request(a, b, c): return None, ValueError('no')").error("x"), "ValueError: no"
        )

    def test_tuples_that_are_no_pair_are_refused(self) -> None:
        for expression in ("(1, 2)", "(1, 2, 3)", "()"):
            error = Component(f"def handle_request(a, b, c): return {expression}").error("x")
            self.assertIn("expected a value or a (value, error) pair", error)

    def test_what_json_cannot_say_is_an_error(self) -> None:
        self.assertIn("ValueError", Component("def handle_request(a, b, c): return float('nan')").error("x"))
        self.assertIn("TypeError", Component("def handle_request(a, b, c): return object()").error("x"))

    def test_missing_functions_have_defaults(self) -> None:
        component = Component("def handle_request(a, b, c): return b")
        component.actor.init(b"state")
        component.actor.handle_message("me", "x", b"")
        component.actor.shutdown()
        self.assertIsNone(component.actor.snapshot_state())

    def test_a_message_falls_back_to_the_request_and_drops_the_reply(self) -> None:
        component = Component("seen = []\ndef handle_request(a, b, c):\n  seen.append(b)\n  return seen")
        self.assertIsNone(component.actor.handle_message("me", "x", b""))
        self.assertEqual(component.request("y"), b'["x","y"]')

    def test_a_message_goes_to_handle_message_where_there_is_one(self) -> None:
        component = Component(
            "seen = []\ndef handle_request(a, b, c): return seen\ndef handle_message(a, b, c): seen.append(b)"
        )
        component.actor.handle_message("me", "x", b"")
        self.assertEqual(component.request("y"), b'["x"]')

    def test_a_module_without_handle_request_says_so(self) -> None:
        self.assertIn("has no handle_request", Component("def handle_message(a, b, c): pass").error("x"))

    def test_an_error_of_init_is_raised(self) -> None:
        component = Component("def init(state): return None, 'bad state'\ndef handle_request(a, b, c): pass")
        with self.assertRaises(Err) as raised:
            component.actor.init(b"")
        self.assertEqual(raised.exception.value, "bad state")

    def test_the_plain_calculator_runs_unmodified_and_its_class_is_ignored(self) -> None:
        source = PROJECT / "test" / "fixtures" / "python" / "plain_calculator.py"
        component = Component(source)
        component.actor.init(b"")
        reply = component.request("calculate", b'{"operation": "add", "operands": [1, 2, 3]}')
        self.assertEqual(json.loads(reply), {"result": 6, "operation": "add", "total_calculations": 1})
        self.assertEqual(
            component.error("calculate", b'{"operation": "divide", "operands": [1, 0]}'), "Division by zero"
        )
        restored = Component(source)
        restored.actor.init(component.actor.snapshot_state())
        self.assertEqual(restored.request("get_state"), component.actor.snapshot_state())
        self.assertIn(b'"total_calculations": 1', restored.request("get_state"))


class Choice(unittest.TestCase):
    def refused(self, source: str) -> str:
        from plexspaces.component import NotAnActor

        with self.assertRaises(NotAnActor) as raised:
            Component(source)
        return str(raised.exception)

    def test_a_class_of_ours_wins_over_functions(self) -> None:
        component = Component(
            "from plexspaces import Actor, handler\n"
            "def handle_request(a, b, c): return b'function'\n"
            "class Mine(Actor):\n  @handler\n  def x(self): return 'class'"
        )
        self.assertEqual(component.request("x"), b'"class"')

    def test_a_class_against_the_interface_is_taken_if_there_are_no_functions(self) -> None:
        component = Component("class Actor:\n  def handle_request(self, a, b, c): return b'class'")
        self.assertEqual(component.request("x"), b"class")

    def test_the_derived_class_is_meant_where_one_derives_from_another(self) -> None:
        component = Component(
            "from plexspaces import Actor, handler\nclass Base(Actor): pass\n"
            "class Derived(Base):\n  @handler\n  def x(self): return 1"
        )
        self.assertEqual(component.request("x"), b"1")

    def test_nothing_and_two_of_a_kind_are_refused(self) -> None:
        self.assertIn("found neither", self.refused("x = 1"))
        two = "from plexspaces import Actor\nclass A(Actor): pass\nclass B(Actor): pass"
        self.assertIn("found A, B", self.refused(two))


class Exceptions(unittest.TestCase):
    def test_the_text_names_the_innermost_line_of_the_author(self) -> None:
        component = Component(PROJECT / "test" / "fixtures" / "python" / "probe.py")
        error = component.error("boom")
        self.assertRegex(error, r"^ValueError: boom from the third frame \(probe\.py:\d+ in third_frame\)$")
        self.assertIn("Traceback (most recent call last)", component.stderr)
        self.assertIn("in second_frame", component.stderr)

    def test_frames_of_the_library_are_not_the_authors(self) -> None:
        component = Component("import json\ndef handle_request(a, b, c): return json.loads(c)")
        self.assertRegex(component.error("x", b"{"), r"^JSONDecodeError: .* \(author_\d+\.py:2 in handle_request\)$")

    def test_a_typed_error_goes_out_as_it_is(self) -> None:
        source = "from componentize_py_types import Err\ndef handle_request(a, b, c): raise Err('NOT_FOUND: it')"
        component = Component(source)
        self.assertEqual(component.error("x"), "NOT_FOUND: it")
        self.assertEqual(component.stderr, "")

    def test_a_module_that_is_missing_at_run_time_is_explained(self) -> None:
        component = Component("def handle_request(a, b, c):\n  import no_such_module")
        self.assertIn("import it at the top of the module", component.error("x"))

    def test_what_ends_the_instance_passes_through(self) -> None:
        for name in ("SystemExit", "KeyboardInterrupt", "MemoryError"):
            component = Component(f"def handle_request(a, b, c): raise {name}")
            with self.assertRaises((SystemExit, KeyboardInterrupt, MemoryError)):
                component.request("x")


class Randomness(unittest.TestCase):
    """The host's randomness is one seed a message: here every message gets the same."""

    SOURCE = "import random, uuid\ndef handle_request(a, b, c): return [random.random(), str(uuid.uuid1())[-12:]]"

    def test_a_message_draws_the_same_in_a_fresh_instance(self) -> None:
        live = Component(self.SOURCE)
        live.request("first")
        with self.seeded():
            expected = live.request("second")
        random.random()
        vars(uuid)["_node"] = 1
        with self.seeded():
            self.assertEqual(Component(self.SOURCE).request("second"), expected)

    def test_messages_with_other_seeds_draw_something_else(self) -> None:
        component = Component(self.SOURCE)
        self.assertNotEqual(component.request("a"), component.request("b"))

    def test_without_the_reseeding_the_replay_draws_something_else(self) -> None:
        live = Component(self.SOURCE)
        with mock.patch("plexspaces.component.begin_message"):
            self.assertNotEqual(live.request("second"), Component(self.SOURCE).request("second"))

    def seeded(self) -> object:
        return mock.patch.multiple(
            "os", urandom=lambda count: bytes(range(count)),
        )


if __name__ == "__main__":
    unittest.main()
