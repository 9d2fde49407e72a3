"""The tuple space with plain values."""

from __future__ import annotations

import unittest

from support import PROJECT, Component, host
from plexspaces import tuples
from plexspaces.testing import install
from plexspaces.tuples import ANY, Type


class Tuples(unittest.TestCase):
    def setUp(self) -> None:
        install()

    def test_every_type_comes_back_as_it_went_in(self) -> None:
        fields = ("text", 7, 7.0, b"\x00", True, None)
        tuples.write(*fields)
        found = tuples.read(*fields)
        self.assertEqual(found, fields)
        self.assertEqual([type(field) for field in found or ()], [type(field) for field in fields])

    def test_an_int_is_no_float_and_no_bool(self) -> None:
        tuples.write(1)
        self.assertIsNone(tuples.read(1.0))
        self.assertIsNone(tuples.read(True))
        self.assertEqual(tuples.read(1), (1,))

    def test_wildcards(self) -> None:
        tuples.write("a", 1)
        tuples.write("a", 2.0)
        self.assertEqual(tuples.count("a", ANY), 2)
        self.assertEqual(tuples.read("a", Type(float)), ("a", 2.0))
        self.assertIsNone(tuples.read("a", Type(None)))
        self.assertIsNone(tuples.read("a"))
        self.assertEqual(tuples.read_all("a", ANY), [("a", 1), ("a", 2.0)])
        self.assertEqual(tuples.read_all("a", ANY, limit=1), [("a", 1)])

    def test_take_removes_the_oldest(self) -> None:
        tuples.write("a", 1)
        tuples.write("a", 2)
        self.assertEqual(tuples.take("a", ANY), ("a", 1))
        self.assertEqual(tuples.take("a", ANY, timeout_ms=5), ("a", 2))
        self.assertIsNone(tuples.take("a", ANY))

    def test_a_lease_is_renewed_while_its_tuple_is_there(self) -> None:
        lease = tuples.write_with_ttl(1000, "a")
        self.assertTrue(tuples.renew(lease, 1000))
        self.assertFalse(tuples.renew(lease + 1, 1000))
        tuples.take("a")
        self.assertFalse(tuples.renew(lease, 1000))

    def test_the_oldest_match_is_replaced_by_the_youngest_where_it_is_the_expected_one(self) -> None:
        for number in (1, 2):
            tuples.write("a", number)
        self.assertFalse(tuples.compare_and_swap(("a", ANY), ("a", 2), ("a", 3)))
        self.assertTrue(tuples.compare_and_swap(("a", ANY), ("a", 1), ("a", 3)))
        self.assertEqual(tuples.read_all("a", ANY), [("a", 2), ("a", 3)])

    def test_nan_is_nan_and_minus_zero_is_not_zero(self) -> None:
        tuples.write(float("nan"), -0.0)
        self.assertIsNone(tuples.read(float("nan"), 0.0))
        self.assertIsNotNone(tuples.read(float("nan"), -0.0))

    def test_values_that_are_no_field_are_refused(self) -> None:
        with self.assertRaisesRegex(TypeError, "found list"):
            tuples.write([1])  # type: ignore[arg-type]
        with self.assertRaisesRegex(OverflowError, "signed 64-bit"):
            tuples.write(2**63)
        with self.assertRaisesRegex(ValueError, "lone surrogate"):
            tuples.write("a\ud800")
        with self.assertRaisesRegex(TypeError, "Type: expected"):
            Type(list)
        self.assertEqual(host.tuples, [])

    def test_the_tuplespace_calculator_shares_its_results(self) -> None:
        component = Component(PROJECT / "actors/python/tuplespace_calculator/tuplespace_calculator.py")
        component.actor.init(b"")
        self.assertEqual(
            component.request("add", b"[1, 2, 3]"), b'{"result":6,"operation":"add","tuplespace_used":true}'
        )
        self.assertEqual(tuples.read(*[ANY] * 5), ("calculator_result", "add", "[1, 2, 3]", 6.0, "tester"))
        self.assertIn("other than 0", component.error("divide", b"[1, 0]"))
        self.assertEqual(component.request("count_results"), b'{"count":1}')
        self.assertIn(b'"result":6.0', component.request("take_result", b'"add"'))
        self.assertEqual(component.request("take_result", b'"add"'), b"null")


if __name__ == "__main__":
    unittest.main()
