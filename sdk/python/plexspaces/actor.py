"""The base class of an actor: messages go to methods by name, JSON in and JSON out.

Owns the table of handlers and the JSON of payloads and snapshots. Does not own what becomes of an
exception (see failures.py) or the component's export (see component.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, overload

from plexspaces.values import decode_json, encode_json

_F = TypeVar("_F", bound=Callable[..., Any])
_MARK = "__plexspaces_message_type__"


class ActorError(Exception):
    """The actor's own answer "no": the caller gets this text as it is, and no traceback is logged."""


@overload
def handler(name: _F) -> _F: ...
@overload
def handler(name: str) -> Callable[[_F], _F]: ...
def handler(name: Any) -> Any:
    """Marks a method as the handler of the messages of its own name, or of the name given."""
    if callable(name):
        setattr(name, _MARK, name.__name__)
        return name
    if not isinstance(name, str) or not name:
        raise TypeError(f"handler: expected a method or a message type, found {name!r}")

    def mark(function: _F) -> _F:
        setattr(function, _MARK, name)
        return function

    return mark


class Actor:
    """Derive from it, decorate methods with `@handler`, and give `snapshot` and `restore` if there is state.

    A payload that is a JSON object arrives as keyword arguments, any other JSON value as one argument, an
    empty payload as none. What a handler returns is encoded as JSON; bytes go out as they are.
    The instance is made when the actor starts, never while the component is built.
    """

    from_actor: str = ""
    """Who sent the message that is being handled."""

    _handlers: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._handlers = {**cls._handlers, **_handlers_of(cls)}

    def snapshot(self) -> Any:
        """The state as a JSON value; None where this actor keeps no state."""
        return None

    def restore(self, value: Any) -> None:
        """Takes over what `snapshot` gave, or the initial state of the deployment."""
        raise ActorError(f"{type(self).__name__}: was given a state and defines no restore(value)")

    def init(self, initial_state: bytes) -> None:
        """Low level: called once before any message, with an empty state or with that of a snapshot."""
        if initial_state:
            self.restore(decode_json(initial_state, "state"))

    def handle_request(self, from_actor: str, message_type: str, payload: bytes) -> Any:
        """Low level: every request; the result is the reply."""
        value = self._dispatch(from_actor, message_type, payload)
        return value if isinstance(value, (bytes, bytearray, memoryview)) else encode_json(value)

    def handle_message(self, from_actor: str, message_type: str, payload: bytes) -> None:
        """Low level: every message that wants no reply, timers and subscriptions among them."""
        self._dispatch(from_actor, message_type, payload)

    def snapshot_state(self) -> bytes | None:
        """Low level: the bytes of the snapshot."""
        value = self.snapshot()
        return None if value is None else encode_json(value)

    def shutdown(self) -> None:
        """Low level: the last call, on a clean stop only."""

    def _dispatch(self, from_actor: str, message_type: str, payload: bytes) -> Any:
        method = self._method(message_type)
        positional, named = _arguments(decode_json(payload, "payload") if payload else {})
        self.from_actor = from_actor
        return _call(method, message_type, positional, named)

    def _method(self, message_type: str) -> Callable[..., Any]:
        attribute = self._handlers.get(message_type)
        if attribute is None:
            expected = ", ".join(sorted(self._handlers)) or "none, for it has no handler"
            raise ActorError(f"unknown method {message_type!r}: expected one of {expected}")
        method: Callable[..., Any] = getattr(self, attribute)
        return method


def _handlers_of(cls: type) -> dict[str, str]:
    found: dict[str, str] = {}
    for attribute, value in vars(cls).items():
        message_type = getattr(value, _MARK, None)
        if message_type is None:
            continue
        if message_type in found:
            raise TypeError(f"{cls.__name__}: {message_type!r} has two handlers, {found[message_type]} and {attribute}")
        found[message_type] = attribute
    return found


def _arguments(value: Any) -> tuple[list[Any], dict[str, Any]]:
    return ([], value) if isinstance(value, dict) else ([value], {})


def _call(method: Callable[..., Any], message_type: str, positional: list[Any], named: dict[str, Any]) -> Any:
    try:
        return method(*positional, **named)
    except TypeError as error:
        # Only this frame: the call itself did not fit. A TypeError from within the method is a fault of its own.
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:
            expected = f"{message_type}{inspect.signature(method)}"
            raise ActorError(f"payload: expected the arguments of {expected}, found {_found(positional, named)}") from None
        raise


def _found(positional: list[Any], named: dict[str, Any]) -> str:
    if positional:
        return f"a JSON {type(positional[0]).__name__}"
    return ", ".join(named) or "none"
