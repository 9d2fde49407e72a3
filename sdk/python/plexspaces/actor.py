"""The base class of an actor: messages go to methods by name, JSON in and JSON out.

Owns the table of handlers and how a payload becomes their arguments. Does not own what is built of an annotation
(see payloads.py), what becomes of an exception (see failures.py) or the component's export (see component.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar, get_type_hints, overload

from plexspaces.errors import ActorError
from plexspaces.payloads import build, check_annotation, is_whole_payload
from plexspaces.values import decode_json, encode_json

_F = TypeVar("_F", bound=Callable[..., Any])
_MARK = "__plexspaces_message_type__"


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
    empty payload as none. Arguments that are annotated are checked and built: `by: int`, `lines: list[Line]`. A
    dataclass that is the only argument is the payload as a whole.
    What a handler returns is encoded as JSON, dataclasses as objects; bytes go out as they are.
    The instance is made when the actor starts, never while the component is built.
    """

    from_actor: str = ""
    """Who sent the message that is being handled."""

    _handlers: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._handlers = {**cls._handlers, **_handlers_of(cls)}

    @classmethod
    def check_handlers(cls) -> None:
        """@raises TypeError where an argument is annotated with what JSON cannot fill."""
        for attribute in [*cls._handlers.values(), "restore"]:
            _plan(getattr(cls, attribute))

    def snapshot(self) -> Any:
        """The state as a JSON value or a dataclass; None where this actor keeps no state."""
        return None

    def restore(self, value: Any) -> None:
        """Takes over what `snapshot` gave, or the initial state of the deployment."""
        raise ActorError(f"{type(self).__name__}: was given a state and defines no restore(value)")

    def unhandled(self, message_type: str, payload: bytes) -> Any:
        """Takes the messages that have no handler; refuses them unless it is overridden."""
        expected = ", ".join(sorted(self._handlers)) or "none, for it has no handler"
        raise ActorError(f"unknown method {message_type!r}: expected one of {expected}")

    def init(self, initial_state: bytes) -> None:
        """Low level: called once before any message, with an empty state or with that of a snapshot."""
        if initial_state:
            value = decode_json(initial_state, "state")
            (annotation,) = list(_plan(type(self).restore).annotations.values())[:1] or [Any]
            self.restore(build(annotation, value, "state"))

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
        attribute = self._handlers.get(message_type)
        self.from_actor = from_actor
        if attribute is None:
            return self.unhandled(message_type, payload)
        positional, named = _plan(getattr(type(self), attribute)).arguments(payload)
        return _call(getattr(self, attribute), message_type, positional, named)


@dataclass(frozen=True)
class _Plan:
    """How a payload becomes the arguments of one method."""

    annotations: Mapping[str, Any]
    """Of the arguments behind self, in their order; Any where there is none."""

    whole: bool
    """The only argument is a dataclass, and stands for the payload as a whole."""

    optional: bool
    """That argument has a default."""

    def arguments(self, payload: bytes) -> tuple[list[Any], dict[str, Any]]:
        if not payload and (self.optional or not self.whole):
            return [], {}
        value = decode_json(payload, "payload") if payload else {}
        first = next(iter(self.annotations.items()), ("", Any))
        if self.whole:
            return [build(first[1], value, "")], {}
        if isinstance(value, dict):
            return [], {name: build(self.annotations.get(name, Any), found, name) for name, found in value.items()}
        return [build(first[1], value, first[0])], {}


@cache
def _plan(method: Callable[..., Any]) -> _Plan:
    try:
        hints = get_type_hints(method)
    except NameError as error:
        raise TypeError(f"{method.__qualname__}: cannot find what its annotations name ({error})") from None
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = [one for one in list(inspect.signature(method).parameters.values())[1:] if one.kind in named]
    annotations = {one.name: hints.get(one.name, Any) for one in parameters}
    for name, annotation in annotations.items():
        check_annotation(annotation, f"{method.__qualname__}, {name}")
    whole = len(parameters) == 1 and is_whole_payload(annotations[parameters[0].name])
    return _Plan(annotations, whole, whole and parameters[0].default is not inspect.Parameter.empty)


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
