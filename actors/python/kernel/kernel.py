"""Work of four kinds for the benchmark: arithmetic, JSON there and back, tuples, nothing."""

import json

from plexspaces import Actor, ActorError, handler, tuples
from plexspaces.tuples import ANY

KIND = "kernel"


class Kernel(Actor):
    @handler
    def sieve(self, limit: int) -> dict[str, int]:
        return {"primes": primes(limit)}

    @handler("tuples")
    def write_and_take(self, times: int) -> dict[str, int]:
        for number in range(times):
            tuples.write(KIND, number)
            tuples.take(KIND, ANY)
        return {"times": times}

    def unhandled(self, message_type: str, payload: bytes) -> bytes:
        match message_type:
            case "echo":
                return payload
            case "json":
                return json.dumps(json.loads(payload)).encode()
            case _:
                raise ActorError(f"unknown method: {message_type}")


def primes(limit: int) -> int:
    """How many primes there are up to the limit, by the sieve of Eratosthenes."""
    composite = bytearray(limit + 1)
    found = 0
    for number in range(2, limit + 1):
        if composite[number]:
            continue
        found += 1
        for multiple in range(number * number, limit + 1, number):
            composite[multiple] = 1
    return found
