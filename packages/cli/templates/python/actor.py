"""Greets, and remembers how many it has greeted."""

from dataclasses import dataclass

from plexspaces import Actor, ActorError, handler


@dataclass
class Greeting:
    text: str
    greeted: int


class Greeter(Actor):
    greeted = 0

    @handler
    def greet(self, name: str) -> Greeting:
        if not name:
            raise ActorError("name: expected a name, found an empty text")
        self.greeted += 1
        return Greeting(f"Hello, {name}!", self.greeted)

    # What a fresh instance is given after a restart: all that is to be remembered.

    def snapshot(self) -> int:
        return self.greeted

    def restore(self, value: int) -> None:
        self.greeted = value
