"""Annotated arguments: what is built of a payload, what is refused and in which words, what becomes JSON."""

from __future__ import annotations

import json
import unittest

from support import Component

SHOP = """
from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, Literal

from plexspaces import Actor, handler

class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"

@dataclass
class Line:
    item: str
    cents: int
    weight: float = 0.5
    size: Size = Size.SMALL

@dataclass
class Order:
    lines: list[Line]
    note: str | None = None
    kind: Literal["new", "old"] = "new"
    names: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        if len(self.lines) > 3:
            raise ValueError("expected at most 3 lines")

@dataclass
class Tree:
    leaf: bool = False
    below: list[Tree] = field(default_factory=list)

class Shop(Actor):
    @handler
    def place(self, order: Order) -> Order:
        assert all(isinstance(line, Line) for line in order.lines)
        return order

    @handler
    def maybe(self, order: Order | None = None) -> Any:
        return None if order is None else order.kind

    @handler
    def two(self, order: Order, times: int = 1) -> Any:
        return [len(order.lines), times]

    @handler
    def typed(self, by: int = 1, ratio: float = 1.0, flag: bool = False, text: str = "") -> Any:
        return [by, ratio, flag, text]

    @handler
    def either(self, value: int | str | None = None) -> Any:
        return value

    @handler
    def tree(self, tree: Tree) -> Any:
        return tree
"""
LINE = {"item": "tea", "cents": 300}


class Built(unittest.TestCase):
    def setUp(self) -> None:
        self.shop = Component(SHOP)
        self.shop.actor.init(b"")

    def reply(self, method: str, value: object) -> object:
        return json.loads(self.shop.request(method, json.dumps(value).encode()))

    def test_a_dataclass_that_is_the_only_argument_is_the_whole_payload(self) -> None:
        self.assertEqual(
            self.reply("place", {"lines": [LINE, {**LINE, "weight": 2, "size": "l"}], "names": {"a": 1}}),
            {
                "lines": [{**LINE, "weight": 0.5, "size": "s"}, {**LINE, "weight": 2.0, "size": "l"}],
                "note": None,
                "kind": "new",
                "names": {"a": 1},
            },
        )

    def test_its_default_is_taken_for_an_empty_payload_only(self) -> None:
        self.assertEqual(self.shop.request("maybe"), b"null")
        self.assertEqual(self.reply("maybe", {"lines": []}), "new")
        self.assertIsNone(self.reply("maybe", None))

    def test_among_others_it_is_one_argument(self) -> None:
        self.assertEqual(self.reply("two", {"order": {"lines": [LINE]}, "times": 3}), [1, 3])

    def test_scalars_are_what_they_say(self) -> None:
        self.assertEqual(self.reply("typed", {"by": 2, "ratio": 3, "flag": True, "text": "x"}), [2, 3.0, True, "x"])
        self.assertEqual(self.shop.request("typed", b'{"ratio":3}'), b'[1,3.0,false,""]')
        self.assertEqual(self.reply("typed", 7), [7, 1.0, False, ""])
        for value in (1, "a", None):
            self.assertEqual(self.reply("either", value), value)

    def test_a_type_may_contain_itself(self) -> None:
        tree = {"leaf": False, "below": [{"leaf": True, "below": []}]}
        self.assertEqual(self.reply("tree", tree), tree)


class Refused(unittest.TestCase):
    def setUp(self) -> None:
        self.shop = Component(SHOP)
        self.shop.actor.init(b"")

    def test_what_does_not_fit_is_named_with_its_path(self) -> None:
        cases = [
            ("place", [], "payload: expected an object, found []"),
            ("place", {}, "lines: expected a list, found nothing"),
            ("place", {"lines": LINE}, 'lines: expected a list, found {"item":"tea","cents":300}'),
            ("place", {"lines": [LINE, 7]}, "lines[1]: expected an object, found 7"),
            ("place", {"lines": [{"cents": 1}]}, "lines[0].item: expected a string, found nothing"),
            ("place", {"lines": [{**LINE, "cents": 1.5}]}, "lines[0].cents: expected an integer, found 1.5"),
            ("place", {"lines": [{**LINE, "cents": True}]}, "lines[0].cents: expected an integer, found true"),
            ("place", {"lines": [{**LINE, "weight": "1"}]}, 'lines[0].weight: expected a number, found "1"'),
            ("place", {"lines": [{**LINE, "size": "m"}]}, 'lines[0].size: expected "s" or "l", found "m"'),
            ("place", {"lines": [{**LINE, "tax": 1}]}, "lines[0].tax: expected no field but item, cents, weight, size, found 1"),
            ("place", {"lines": [], "kind": 1}, 'kind: expected "new" or "old", found 1'),
            ("place", {"lines": [], "note": 1}, "note: expected a string or null, found 1"),
            ("place", {"lines": [], "names": {"a": "b"}}, 'names.a: expected an integer, found "b"'),
            ("place", {"lines": [LINE] * 4}, "payload: expected at most 3 lines"),
            ("maybe", {"lines": [1]}, "lines[0]: expected an object, found 1"),
            ("two", {"order": {"lines": [1]}}, "order.lines[0]: expected an object, found 1"),
            ("typed", {"by": "x"}, 'by: expected an integer, found "x"'),
            ("typed", {"by": None}, "by: expected an integer, found null"),
            ("typed", "x", 'by: expected an integer, found "x"'),
            ("typed", {"flag": 1}, "flag: expected true or false, found 1"),
            ("either", 1.5, "value: expected an integer or a string or null, found 1.5"),
        ]
        for method, value, error in cases:
            with self.subTest(error):
                self.assertEqual(self.shop.error(method, json.dumps(value).encode()), error)
        self.assertEqual(self.shop.stderr, "")

    def test_an_empty_payload_has_no_fields(self) -> None:
        self.assertEqual(self.shop.error("place"), "lines: expected a list, found nothing")

    def test_long_values_are_cut(self) -> None:
        self.assertLess(len(self.shop.error("typed", json.dumps({"by": "x" * 1000}).encode())), 120)

    def test_deep_nesting_is_refused_and_does_not_end_the_actor(self) -> None:
        deep = b'{"below":[' * 400 + b"{}" + b"]}" * 400
        self.assertIn("nested", self.shop.error("tree", deep))
        self.assertEqual(self.shop.request("tree", b"{}"), b'{"leaf":false,"below":[]}')


class State(unittest.TestCase):
    SOURCE = """
from dataclasses import dataclass
from plexspaces import Actor, handler

@dataclass
class Memory:
    count: int

class Keeper(Actor):
    memory = Memory(0)

    @handler
    def add(self, by: int) -> int:
        self.memory = Memory(self.memory.count + by)
        return self.memory.count

    def snapshot(self) -> Memory:
        return self.memory

    def restore(self, value: Memory) -> None:
        self.memory = value
"""

    def test_a_dataclass_is_the_snapshot_and_is_restored(self) -> None:
        keeper = Component(self.SOURCE)
        keeper.actor.init(b"")
        keeper.request("add", b"3")
        self.assertEqual(keeper.actor.snapshot_state(), b'{"count":3}')
        restored = Component(self.SOURCE)
        restored.actor.init(b'{"count":3}')
        self.assertEqual(restored.request("add", b"4"), b"7")

    def test_another_state_is_refused_with_its_path(self) -> None:
        from plexspaces.testing import Err

        with self.assertRaisesRegex(Err, r"^state\.count: expected an integer, found null$"):
            Component(self.SOURCE).actor.init(b'{"count":null}')


class Annotations(unittest.TestCase):
    def refused(self, annotation: str) -> str:
        from plexspaces.component import NotAnActor

        source = f"import dataclasses, datetime\nfrom plexspaces import Actor, handler\n@dataclasses.dataclass\nclass At:\n"
        source += "  when: datetime.date\nclass A(Actor):\n  @handler\n"
        with self.assertRaises(NotAnActor) as raised:
            Component(f"{source}  def x(self, a: {annotation}): pass")
        return str(raised.exception)

    def test_what_json_cannot_fill_is_refused_while_the_component_is_built(self) -> None:
        self.assertRegex(self.refused("bytes"), r"^A\.x, a: expected an annotation that JSON can fill .*, found bytes$")
        self.assertRegex(self.refused("At"), r"^A\.x, a, At\.when: .*, found date$")
        self.assertIn("found set", self.refused("list[set[int]]"))
        self.assertRegex(self.refused("'Nowhere'"), "A.x: cannot find what its annotations name .*Nowhere")


if __name__ == "__main__":
    unittest.main()
