"""Runs actors in plain Python: `install()` puts an in-memory host where the node's would be.

Call it before the actor's module is imported. What is not here (blocking waits that another actor would end,
time that passes, leases that run out, subscriptions) needs a node.
"""

from __future__ import annotations

import dataclasses
import enum
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
    """The module `wit_world.imports.host`; a test looks into `tuples`, `sent`, `logged` and `state`."""

    def __init__(self) -> None:
        super().__init__("wit_world.imports.host")
        self.tuples: list[list[Any]] = []
        self.leased: dict[int, list[Any]] = {}
        self.sent: list[tuple[str, str, bytes]] = []
        self.logged: list[tuple[str, str]] = []
        self.state: dict[str, tuple[bytes, int]] = {}
        self.now = 0

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

    def send_message(self, to: str, message_type: str, payload: bytes) -> None:
        self.sent.append((to, message_type, payload))

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
