"""Gives every payload back, byte for byte, whatever the method is called."""

from plexspaces import Actor


class Echo(Actor):
    def unhandled(self, message_type: str, payload: bytes) -> bytes:
        return payload
