"""Counts, and remembers how far it has counted."""

from plexspaces import Actor, ActorError, handler


class Counter(Actor):
    count = 0

    @handler
    def increment(self, by: int = 1) -> dict[str, int]:
        self.count += by
        return {"count": self.count}

    @handler
    def get(self) -> dict[str, int]:
        return {"count": self.count}

    def unhandled(self, message_type: str, payload: bytes) -> None:
        raise ActorError(f"unknown method: {message_type}")

    def snapshot(self) -> int:
        return self.count

    def restore(self, value: int) -> None:
        self.count = value
