"""The other calculators of actors/python, without a node."""

from __future__ import annotations

import json
import statistics
import unittest

from support import PROJECT, Component

ACTORS = PROJECT / "actors" / "python"


def started(name: str, state: bytes = b"") -> Component:
    component = Component(ACTORS / name / f"{name}.py")
    component.actor.init(state)
    return component


class Durable(unittest.TestCase):
    def test_the_reply_is_exactly_this(self) -> None:
        expected = b'{"result":6,"operation":"add","operation_count":1,"durable":true}'
        self.assertEqual(started("durable_calculator").request("add", b'{"operands":[1,2,3]}'), expected)
        self.assertEqual(started("durable_calculator").request("add", b"[1,2,3]"), expected)

    def test_errors_are_not_counted(self) -> None:
        calculator = started("durable_calculator")
        for method, payload in (("divide", b"[1,0]"), ("add", b"[]"), ("add", b"{"), ("multiply", b"[1e308,10]")):
            self.assertIn(f"{method}: expected", calculator.error(method, payload))
        self.assertIn("unknown method 'zap'", calculator.error("zap"))
        self.assertEqual(json.loads(calculator.request("count")), {"operation_count": 0})

    def test_a_snapshot_gives_the_same_actor(self) -> None:
        calculator = started("durable_calculator")
        for number in range(12):
            calculator.request("add", json.dumps([number]).encode())
        state = calculator.actor.snapshot_state()
        restored = started("durable_calculator", state)
        self.assertEqual(restored.actor.snapshot_state(), state)
        history = json.loads(restored.request("history"))["history"]
        self.assertEqual([entry["result"] for entry in history], list(range(2, 12)))
        self.assertEqual(json.loads(restored.request("add", b"[1]"))["operation_count"], 13)


class Stateless(unittest.TestCase):
    def test_arithmetic(self) -> None:
        calculator = started("calculator")
        self.assertEqual(calculator.request("add", b'{"operands":[1,2,3]}'), b'{"result":6,"operation":"add"}')
        for method, result in (("subtract", 4), ("multiply", 24), ("divide", 8 / 3)):
            self.assertEqual(json.loads(calculator.request(method, b"[8,3,1]"))["result"], result)
        for payload in (b'["1"]', b"[true]", b"[]", b'{"operands":7}', b'{"other":[1]}'):
            self.assertIn("expected", calculator.error("add", payload))

    def test_statistics_have_pythons_digits(self) -> None:
        calculator = started("advanced_calculator")
        data = [1, 2, 3, 4]
        for method in ("mean", "median", "stdev", "pstdev", "variance", "quantiles"):
            expected = {"result": getattr(statistics, method)(data), "operation": method}
            reply = calculator.request(method, json.dumps({"operands": data}).encode())
            self.assertEqual(reply, json.dumps(expected, separators=(",", ":")).encode())

    def test_what_python_refuses_is_answered(self) -> None:
        calculator = started("advanced_calculator")
        for method, payload in (("log", b"[0]"), ("sqrt", b"[-1]"), ("exp", b"[1000]"), ("acos", b"[2]")):
            self.assertTrue(calculator.error(method, payload).startswith(f"{method}: "))
            self.assertEqual(calculator.stderr, "")
        self.assertIn("expected 2 or more numbers", calculator.error("stdev", b"[1]"))
        self.assertIn("expected n to be an integer", calculator.error("quantiles", b'{"operands":[1,2],"n":0}'))


if __name__ == "__main__":
    unittest.main()
