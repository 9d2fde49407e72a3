"""What can go wrong, as exceptions: the actor's own "no", and the node's answer to a host call."""

from __future__ import annotations


class ActorError(Exception):
    """The actor's own answer "no": the caller gets this text as it is, and no traceback is logged."""


class HostError(Exception):
    """What the node answered a host call with. The text is `CODE: message`; uncaught, it goes to the caller as it is."""

    @property
    def code(self) -> str:
        """Of the closed set: PERMISSION_DENIED, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, …; UNKNOWN without one."""
        code, separator, _ = str(self).partition(":")
        return code if separator and code.isupper() else "UNKNOWN"
