"""The component's export `actor`: calls the author's code, whichever form it has.

The author's module is imported while the component is built, and its memory then is what every instance starts
with. Host functions cannot be called there. Invariants:
C1. No exception of the author's reaches the host as a trap, but MemoryError (nothing may be concluded from what
    is left in memory), SystemExit and KeyboardInterrupt.
C2. Randomness is drawn afresh at the start of each message, before the author's code runs.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

from componentize_py_types import Err
from wit_world import exports

from plexspaces.actor import Actor as SdkActor
from plexspaces.errors import ActorError, HostError
from plexspaces.failures import describe, keep_source_lines, print_traceback
from plexspaces.randomness import begin_message
from plexspaces.values import NotJson, split_pair, to_payload

_T = TypeVar("_T")

_FUNCTIONS = ("init", "handle_request", "handle_message", "snapshot_state", "shutdown")


class NotAnActor(Exception):
    """The author's module holds nothing, or more than one thing, that could be the actor."""


def actor_class(module_name: str) -> type:
    """Imports the author's module and gives the class that the component exports."""
    adapter = Adapter(importlib.import_module(module_name))
    keep_source_lines(adapter.directory)

    class Actor(exports.Actor):
        def init(self, initial_state: bytes) -> None:
            begin_message()
            adapter.call("init", initial_state)

        def handle_request(self, from_actor: str, message_type: str, payload: bytes) -> bytes:
            begin_message()
            return adapter.request(from_actor, message_type, payload)

        def handle_message(self, from_actor: str, message_type: str, payload: bytes) -> None:
            begin_message()
            adapter.message(from_actor, message_type, payload)

        def snapshot_state(self) -> bytes | None:
            return adapter.snapshot()

        def shutdown(self) -> None:
            adapter.call("shutdown")

    return Actor


class Adapter:
    """One author's module: functions, or a class of ours, behind the interface's five calls."""

    def __init__(self, module: ModuleType) -> None:
        self.directory = os.path.dirname(module.__file__ or "")
        self._name = os.path.basename(module.__file__ or module.__name__)
        self._make = _maker(module)
        self._target: Any = None

    def request(self, from_actor: str, message_type: str, payload: bytes) -> bytes:
        if self._function("handle_request") is None:
            raise Err(f"{self._name} has no handle_request: it takes messages and answers no requests")
        return self._guard(lambda: to_payload(self._value("handle_request", from_actor, message_type, payload)))

    def message(self, from_actor: str, message_type: str, payload: bytes) -> None:
        if self._function("handle_message") is not None:
            self.call("handle_message", from_actor, message_type, payload)
        elif self._function("handle_request") is not None:
            self.call("handle_request", from_actor, message_type, payload)
        else:
            raise Err(f"{self._name} has neither handle_message nor handle_request")

    def snapshot(self) -> bytes | None:
        def state() -> bytes | None:
            value = self._value("snapshot_state")
            return None if value is None else to_payload(value)

        return self._guard(state)

    def call(self, name: str, *arguments: Any) -> None:
        """Calls a function that gives no value; a missing one does nothing."""
        self._guard(lambda: self._value(name, *arguments))

    def _value(self, name: str, *arguments: Any) -> Any:
        function = self._function(name)
        if function is None:
            return None
        value, error = split_pair(function(*arguments))
        if error is not None:
            raise ActorError(error)
        return value

    def _function(self, name: str) -> Callable[..., Any] | None:
        # The author's object is made by the first call, not by the build: what it draws at random is its own then.
        if self._target is None:
            self._target = self._guard(self._make)
        function: Callable[..., Any] | None = getattr(self._target, name, None)
        return function

    def _guard(self, run: Callable[[], _T]) -> _T:
        try:
            return run()
        except Err as error:
            raise Err(str(error.value)) from None
        except (ActorError, HostError, NotJson) as error:
            raise Err(str(error)) from None
        except MemoryError:
            raise
        except Exception as error:
            print_traceback(error)
            raise Err(describe(error, self.directory)) from None


def _maker(module: ModuleType) -> Callable[[], Any]:
    """Our own classes win, then functions, then a class Actor that is written against the interface itself."""
    classes = _sdk_classes(module)
    if len(classes) > 1:
        found = ", ".join(cls.__name__ for cls in classes)
        raise NotAnActor(f"expected one class derived from plexspaces.Actor, found {found}")
    if classes:
        return _checked(classes[0])
    if any(callable(getattr(module, function, None)) for function in _FUNCTIONS):
        return lambda: module
    own = vars(module).get("Actor")
    if isinstance(own, type) and callable(getattr(own, "handle_request", None)):
        return own
    raise NotAnActor(
        f"expected a class derived from plexspaces.Actor, or functions among {', '.join(_FUNCTIONS)}, found neither"
    )


def _checked(cls: type[SdkActor]) -> type[SdkActor]:
    try:
        cls.check_handlers()
    except TypeError as error:
        raise NotAnActor(str(error)) from None
    return cls


def _sdk_classes(module: ModuleType) -> list[type[SdkActor]]:
    """Those defined in the module itself, without the ones that others of them derive from."""
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, SdkActor) and value.__module__ == module.__name__
    ]
    return [cls for cls in own if not any(other is not cls and issubclass(other, cls) for other in own)]
