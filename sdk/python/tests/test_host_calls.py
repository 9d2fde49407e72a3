"""What the SDK's modules ask of the host, and what they make of its errors."""

from __future__ import annotations

import unittest
from dataclasses import dataclass

from support import Component, Err, host
from plexspaces import ActorError, HostError, clock, durability, log, messaging, state, timers, tuples
from plexspaces.testing import install


@dataclass
class Quote:
    cents: int


class Hosted(unittest.TestCase):
    def setUp(self) -> None:
        install()


class Messaging(Hosted):
    def test_values_go_as_json_and_bytes_as_they_are(self) -> None:
        for value in ({"cents": 1}, b"\x00", None, "text", Quote(2)):
            messaging.tell("a.B/c", "paid", value)
        self.assertEqual([payload for _, _, payload in host.sent], [b'{"cents":1}', b"\x00", b"", b'"text"', b'{"cents":2}'])
        self.assertEqual(host.sent[0][:2], ("a.B/c", "paid"))

    def test_an_answer_is_a_json_value_or_what_was_asked_for(self) -> None:
        host.answers[("a.B", "quote")] = b'{"cents":7}'
        self.assertEqual(messaging.ask("a.B", "quote", {"item": 1}, timeout_ms=50), {"cents": 7})
        self.assertEqual(messaging.ask("a.B", "quote", reply=Quote), Quote(7))
        self.assertEqual(messaging.ask_bytes("a.B", "quote", b"raw"), b'{"cents":7}')
        self.assertEqual([payload for _, _, payload in host.asked], [b'{"item":1}', b"", b"raw"])

    def test_an_answer_of_another_shape_is_named(self) -> None:
        host.answers[("a.B", "quote")] = b'{"cents":"x"}'
        with self.assertRaisesRegex(ActorError, r"^the reply of a\.B\.cents: expected an integer, found \"x\"$"):
            messaging.ask("a.B", "quote", reply=Quote)

    def test_a_refusal_is_an_exception_with_a_code(self) -> None:
        host.answers[("a.B", "quote")] = Err("EXECUTION_ERROR: sold out")
        with self.assertRaises(HostError) as raised:
            messaging.ask("a.B", "quote")
        self.assertEqual((raised.exception.code, str(raised.exception)), ("EXECUTION_ERROR", "EXECUTION_ERROR: sold out"))
        self.assertEqual(HostError("no code here: at all").code, "UNKNOWN")
        with self.assertRaises(HostError) as raised:
            messaging.ask("nobody", "x")
        self.assertEqual(raised.exception.code, "NOT_FOUND")

    def test_a_refusal_that_nobody_catches_reaches_the_caller_as_it_is(self) -> None:
        asker = Component(
            "from plexspaces import Actor, handler, messaging\n"
            "class A(Actor):\n  @handler\n  def x(self): return messaging.ask('nobody', 'x')"
        )
        self.assertRegex(asker.error("x"), "^NOT_FOUND: ")
        self.assertEqual(asker.stderr, "")

    def test_an_actor_knows_its_address(self) -> None:
        self.assertEqual(messaging.self_id(), "test.Actor/default")


class Others(Hosted):
    def test_timers(self) -> None:
        timer = timers.send_after(50, "tick", {"n": 1})
        self.assertEqual(host.timers, {timer: (50, "tick", b'{"n":1}')})
        self.assertTrue(timers.cancel(timer))
        self.assertFalse(timers.cancel(timer))

    def test_shared_state_has_versions(self) -> None:
        self.assertIsNone(state.get("a"))
        self.assertEqual(state.put("a", {"x": 1}, if_version=state.ABSENT), 1)
        self.assertIsNone(state.put("a", 2, if_version=state.ABSENT))
        found = state.get("a")
        self.assertEqual((found and found.value, found and found.version), ({"x": 1}, 1))
        self.assertEqual(state.put("a", b"\xff", if_version=1, ttl_ms=10), 2)
        self.assertEqual(state.get_bytes("a"), (b"\xff", 2))
        self.assertEqual(state.keys("a"), ["a"])
        self.assertFalse(state.delete("a", if_version=1))
        self.assertTrue(state.delete("a"))
        self.assertEqual(state.keys(), [])

    def test_subscriptions(self) -> None:
        subscription = tuples.subscribe("a", tuples.ANY)
        self.assertEqual(len(host.subscriptions[subscription]), 2)
        self.assertTrue(tuples.unsubscribe(subscription))
        self.assertFalse(tuples.unsubscribe(subscription))

    def test_log_lines_have_levels(self) -> None:
        for write in (log.trace, log.debug, log.info, log.warn, log.error):
            write("x")
        self.assertEqual([level for level, _ in host.logged], ["trace", "debug", "info", "warn", "error"])

    def test_the_clock_and_the_journal(self) -> None:
        before = clock.now_millis()
        clock.sleep_millis(100)
        self.assertGreaterEqual(clock.now_millis(), before + 100)
        durability.checkpoint()
        host.sequence, host.replaying = 7, True
        self.assertEqual((host.checkpoints, durability.journal_sequence(), durability.is_replaying()), (1, 7, True))


if __name__ == "__main__":
    unittest.main()
