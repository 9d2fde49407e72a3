"""Runs actors in plain Python: a host in memory where the node's would be.

    greeter = testing.start("greeter")                     # the module, as the component wraps it
    greeter.request("greet", {"name": "Ann"})              # {'text': 'Hello, Ann!'}
    greeter.restart().request("greet", {"name": "Bob"})    # what came through the snapshot

What is not here (waits that another actor would end, time that passes, leases that run out, delivery of messages,
timers and subscriptions) needs a node; the host notes what was asked of it.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib
import json
import sys
from types import ModuleType
from typing import Any, Generic, TypeVar

_E = TypeVar("_E")


@dataclasses.dataclass(frozen=True)
class Err(Exception, Generic[_E]):
    """Stands for componentize_py_types.Err: the typed error of the interface."""

    value: _E


class FieldType(enum.Enum):
    STRING_TYPE = 0
    INTEGER_TYPE = 1
    FLOAT_TYPE = 2
    BYTES_TYPE = 3
    BOOLEAN_TYPE = 4
    NULL_TYPE = 5


def _with_value(name: str) -> type:
    return dataclasses.make_dataclass(name, [("value", Any)])


def _without_value(name: str) -> type:
    return dataclasses.make_dataclass(name, [])


_TYPES: dict[str, type] = {
    "FieldType": FieldType,
    "TupleField_NullValue": _without_value("TupleField_NullValue"),
    "PatternField_Wildcard": _without_value("PatternField_Wildcard"),
    "PatternField_Exact": _with_value("PatternField_Exact"),
    "PatternField_TypeMatch": _with_value("PatternField_TypeMatch"),
    **{
        f"TupleField_{kind}Value": _with_value(f"TupleField_{kind}Value")
        for kind in ("String", "Integer", "Float", "Bytes", "Boolean")
    },
}

# In the order of FieldType.
_FIELDS = ("StringValue", "IntegerValue", "FloatValue", "BytesValue", "BooleanValue", "NullValue")


class FakeHost(ModuleType):
    """The module `wit_world.imports.host`.

    A test looks into `tuples`, `sent`, `asked`, `timers`, `subscriptions`, `state`, `logged` and `checkpoints`, and
    puts into `answers` what other actors reply: bytes, or an exception, for each (address, message type).
    """

    def __init__(self) -> None:
        super().__init__("wit_world.imports.host")
        self.tuples: list[list[Any]] = []
        self.leased: dict[int, list[Any]] = {}
        self.sent: list[tuple[str, str, bytes]] = []
        self.asked: list[tuple[str, str, bytes]] = []
        self.answers: dict[tuple[str, str], bytes | Exception] = {}
        self.timers: dict[int, tuple[int, str, bytes]] = {}
        self.subscriptions: dict[int, list[Any]] = {}
        self.logged: list[tuple[str, str]] = []
        self.state: dict[str, tuple[bytes, int]] = {}
        self.checkpoints = 0
        self.sequence = 0
        self.replaying = False
        self.now = 0
        self._last_number = 0

    def tuplespace_write(self, value: list[Any]) -> None:
        self.tuples.append(value)

    def tuplespace_write_with_ttl(self, value: list[Any], ttl_ms: int) -> int:
        self.tuples.append(value)
        self.leased[len(self.leased) + 1] = value
        return len(self.leased)

    def tuplespace_renew(self, lease: int, ttl_ms: int) -> bool:
        return any(value is self.leased.get(lease) for value in self.tuples)

    def tuplespace_read(self, pattern: list[Any]) -> list[Any] | None:
        return next((value for value in self.tuples if _matches(pattern, value)), None)

    def tuplespace_take(self, pattern: list[Any]) -> list[Any] | None:
        for index, value in enumerate(self.tuples):
            if _matches(pattern, value):
                return self.tuples.pop(index)
        return None

    def tuplespace_read_blocking(self, pattern: list[Any], timeout_ms: int) -> list[Any] | None:
        return self.tuplespace_read(pattern)

    def tuplespace_take_blocking(self, pattern: list[Any], timeout_ms: int) -> list[Any] | None:
        return self.tuplespace_take(pattern)

    def tuplespace_read_all(self, pattern: list[Any], limit: int) -> list[list[Any]]:
        return [value for value in self.tuples if _matches(pattern, value)][:limit]

    def tuplespace_count(self, pattern: list[Any]) -> int:
        return sum(_matches(pattern, value) for value in self.tuples)

    def tuplespace_compare_and_swap(self, pattern: list[Any], expected: list[Any], replacement: list[Any]) -> bool:
        for index, value in enumerate(self.tuples):
            if _matches(pattern, value):
                if not _same(value, expected):
                    return False
                del self.tuples[index]
                self.tuples.append(replacement)
                return True
        return False

    def tuplespace_subscribe(self, pattern: list[Any]) -> int:
        self.subscriptions[self._number()] = pattern
        return self._last_number

    def tuplespace_unsubscribe(self, subscription: int) -> bool:
        return self.subscriptions.pop(subscription, None) is not None

    def send_message(self, to: str, message_type: str, payload: bytes) -> None:
        self.sent.append((to, message_type, payload))

    def ask(self, to: str, message_type: str, payload: bytes, timeout_ms: int) -> bytes:
        self.asked.append((to, message_type, payload))
        answer = self.answers.get((to, message_type), Err(f"NOT_FOUND: expected an answer of {to} to {message_type} in answers"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send_after(self, delay_ms: int, message_type: str, payload: bytes) -> int:
        self.timers[self._number()] = (delay_ms, message_type, payload)
        return self._last_number

    def cancel_timer(self, timer: int) -> bool:
        return self.timers.pop(timer, None) is not None

    def self_id(self) -> str:
        return "test.Actor/default"

    def state_get(self, key: str) -> tuple[bytes, int] | None:
        return self.state.get(key)

    def state_put(self, key: str, value: bytes, if_version: int | None, ttl_ms: int | None) -> int | None:
        version = self.state[key][1] if key in self.state else 0
        if if_version is not None and if_version != version:
            return None
        self.state[key] = (value, version + 1)
        return version + 1

    def state_delete(self, key: str, if_version: int | None) -> bool:
        found = self.state.get(key)
        if found is None or (if_version is not None and if_version != found[1]):
            return False
        del self.state[key]
        return True

    def state_list(self, prefix: str, limit: int) -> list[str]:
        return sorted(key for key in self.state if key.startswith(prefix))[:limit]

    def log(self, level: str, message: str) -> None:
        self.logged.append((level, message))

    def now_millis(self) -> int:
        self.now += 1
        return self.now

    def sleep_millis(self, duration_ms: int) -> None:
        self.now += duration_ms

    def checkpoint(self) -> None:
        self.checkpoints += 1

    def get_journal_sequence(self) -> int:
        return self.sequence

    def is_replay_mode(self) -> bool:
        return self.replaying

    def _number(self) -> int:
        self._last_number += 1
        return self._last_number


class Started:
    """An actor as the node runs it: its module behind the component's wrapper, on a host in memory."""

    def __init__(self, module: str, host: FakeHost, actor: Any) -> None:
        self.host = host
        self._module = module
        self._actor = actor

    def request(self, message_type: str, value: Any = None, *, from_actor: str = "client") -> Any:
        """The reply's JSON value. @raises Err with what the caller would be told."""
        return json.loads(self.request_bytes(message_type, _encoded(value), from_actor=from_actor))

    def request_bytes(self, message_type: str, payload: bytes = b"", *, from_actor: str = "client") -> bytes:
        reply = self._actor.handle_request(from_actor, message_type, payload)
        if not isinstance(reply, bytes):
            raise TypeError(f"expected bytes, found {reply!r}")
        return reply

    def tell(self, message_type: str, value: Any = None, *, from_actor: str = "client") -> None:
        self._actor.handle_message(from_actor, message_type, _encoded(value))

    def snapshot(self) -> bytes | None:
        state = self._actor.snapshot_state()
        return None if state is None else bytes(state)

    def restart(self) -> Started:
        """A fresh instance that was given this one's snapshot: what the snapshot leaves out is gone."""
        return _start(self._module, self.host, self.snapshot() or b"")


def start(module: str, state: bytes = b"") -> Started:
    """Imports the actor's module anew and starts it on an empty host."""
    return _start(module, install(), state)


def _start(module: str, host: FakeHost, state: bytes) -> Started:
    sys.modules.pop(module, None)
    wrapper = importlib.import_module("plexspaces.component")
    actor = wrapper.actor_class(module)()
    actor.init(state)
    return Started(module, host, actor)


def _encoded(value: Any) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def install() -> FakeHost:
    """A fresh host behind `from wit_world.imports import host`, and the interface's types beside it."""
    known = sys.modules.get("wit_world.imports.host")
    if isinstance(known, FakeHost):
        known.__init__()  # type: ignore[misc]  # modules that imported it keep their reference
        return known
    host = FakeHost()
    types = _module("wit_world.imports.types", **_TYPES)
    imports = _module("wit_world.imports", host=host, types=types)
    exports = _module("wit_world.exports", Actor=type("Actor", (), {}))
    world = _module("wit_world", imports=imports, exports=exports)
    componentize = _module("componentize_py_types", Err=Err)
    for module in (host, types, imports, exports, world, componentize):
        sys.modules[module.__name__] = module
    return host


def _module(name: str, **attributes: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(attributes)
    return module


def _matches(pattern: list[Any], value: list[Any]) -> bool:
    return len(pattern) == len(value) and all(map(_field_matches, pattern, value))


def _field_matches(pattern: Any, field: Any) -> bool:
    kind = type(pattern).__name__
    if kind == "PatternField_Wildcard":
        return True
    if kind == "PatternField_TypeMatch":
        return type(field).__name__ == f"TupleField_{_FIELDS[pattern.value.value]}"
    return _same(pattern.value, field)


def _same(one: Any, other: Any) -> bool:
    """As the node has it: NaN is NaN, -0.0 is not 0.0."""
    return repr(one) == repr(other)
