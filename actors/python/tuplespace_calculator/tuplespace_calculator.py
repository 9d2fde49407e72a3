"""A calculator that leaves every result in the tuple space, for whoever looks for it.

Writes ("calculator_result", operation, operands as JSON, result as a float, caller).
"""

import json
import math
import sys
from typing import Any

from plexspaces import Actor, ActorError, handler, tuples
from plexspaces.tuples import ANY

LARGEST = sys.float_info.max


class TupleSpaceCalculator(Actor):
    @handler
    def add(self, operands: Any) -> dict[str, Any]:
        return self.share("add", operands, sum(numbers(operands)))

    @handler
    def subtract(self, operands: Any) -> dict[str, Any]:
        first, *others = numbers(operands)
        return self.share("subtract", operands, first - sum(others))

    @handler
    def multiply(self, operands: Any) -> dict[str, Any]:
        return self.share("multiply", operands, math.prod(numbers(operands)))

    @handler
    def divide(self, operands: Any) -> dict[str, Any]:
        first, *divisors = numbers(operands)
        if 0 in divisors:
            raise ActorError("divide: expected divisors other than 0, found 0")
        return self.share("divide", operands, first / math.prod(divisors))

    @handler
    def read_result(self, operation: Any) -> dict[str, Any] | None:
        """The oldest result of the operation, which stays; null if there is none."""
        return described(tuples.read("calculator_result", operation, ANY, ANY, ANY))

    @handler
    def take_result(self, operation: Any) -> dict[str, Any] | None:
        """The oldest result of the operation, which is gone then; null if there is none."""
        return described(tuples.take("calculator_result", operation, ANY, ANY, ANY))

    @handler
    def count_results(self, operation: Any = ANY) -> dict[str, int]:
        """How many results are there, of one operation or of all."""
        return {"count": tuples.count("calculator_result", operation, ANY, ANY, ANY)}

    def share(self, operation: str, operands: Any, result: float) -> dict[str, Any]:
        if not abs(result) <= LARGEST:
            raise ActorError(f"{operation}: expected a result of at most {LARGEST:g}, found a larger one")
        tuples.write("calculator_result", operation, json.dumps(operands), float(result), self.from_actor)
        return {"result": result, "operation": operation, "tuplespace_used": True}


def described(found: tuple[tuples.Field, ...] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    _, operation, operands, result, from_actor = found
    return {"result": result, "operation": operation, "operands": json.loads(str(operands)), "from": from_actor}


def numbers(operands: Any) -> list[float]:
    if not isinstance(operands, list) or not operands:
        raise ActorError(f"operands: expected one or more numbers, found {operands!r}")
    for operand in operands:
        if type(operand) not in (int, float) or not abs(operand) <= LARGEST:
            raise ActorError(f"operands: expected finite numbers, found {operand!r}")
    return operands
