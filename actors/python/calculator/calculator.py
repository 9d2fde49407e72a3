"""Arithmetic on lists of numbers: add, subtract, multiply, divide over {"operands": [...]} or a bare list."""

import math
import sys
from typing import Any

from plexspaces import Actor, ActorError, handler

LARGEST = sys.float_info.max


class Calculator(Actor):
    @handler
    def add(self, operands: Any) -> dict[str, Any]:
        return reply("add", sum(numbers(operands)))

    @handler
    def subtract(self, operands: Any) -> dict[str, Any]:
        first, *others = numbers(operands)
        return reply("subtract", first - sum(others))

    @handler
    def multiply(self, operands: Any) -> dict[str, Any]:
        return reply("multiply", math.prod(numbers(operands)))

    @handler
    def divide(self, operands: Any) -> dict[str, Any]:
        first, *divisors = numbers(operands)
        if 0 in divisors:
            raise ActorError("divide: expected divisors other than 0, found 0")
        return reply("divide", first / math.prod(divisors))


def reply(operation: str, result: float) -> dict[str, Any]:
    if not abs(result) <= LARGEST:
        raise ActorError(f"{operation}: expected a result of at most {LARGEST:g}, found a larger one")
    return {"result": result, "operation": operation}


def numbers(operands: Any) -> list[float]:
    if not isinstance(operands, list) or not operands:
        raise ActorError(f"operands: expected one or more numbers, found {operands!r}")
    for operand in operands:
        if type(operand) not in (int, float) or not abs(operand) <= LARGEST:
            raise ActorError(f"operands: expected finite numbers, found {operand!r}")
    return operands
