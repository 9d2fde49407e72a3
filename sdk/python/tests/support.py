"""What the tests share: the SDK on the path, the fake host, and modules made of a text."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

SDK = Path(__file__).resolve().parent.parent
PROJECT = SDK.parent.parent
sys.path.insert(0, str(SDK))
sys.dont_write_bytecode = True

from plexspaces.testing import Err, install  # noqa: E402

host = install()


class Component:
    """The wrapper around an author's module, as the component exports it."""

    def __init__(self, source: str | Path) -> None:
        from plexspaces.component import actor_class

        if isinstance(source, Path):
            directory, name = source.parent, source.stem
        else:
            directory, name = Path(tempfile.mkdtemp()), f"author_{Component.made}"
            (directory / f"{name}.py").write_text(source)
            Component.made += 1
        sys.modules.pop(name, None)
        sys.path.insert(0, str(directory))
        importlib.invalidate_caches()
        try:
            self.actor: Any = actor_class(name)()
        finally:
            sys.path.remove(str(directory))
        self.stderr = ""

    made = 0

    def request(self, message_type: str, payload: bytes = b"") -> bytes:
        return self._quietly(lambda: self.actor.handle_request("tester", message_type, payload))

    def error(self, message_type: str, payload: bytes = b"") -> str:
        """The typed error that the request ends in."""
        try:
            reply = self.request(message_type, payload)
        except Err as error:
            return error.value
        raise AssertionError(f"expected an error, found the reply {reply!r}")

    def _quietly(self, call: Any) -> Any:
        caught = io.StringIO()
        try:
            with contextlib.redirect_stderr(caught):
                return call()
        finally:
            self.stderr = caught.getvalue()
