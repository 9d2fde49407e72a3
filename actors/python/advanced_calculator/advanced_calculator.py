"""Trigonometry (radians), logarithms, powers and statistics, with Python's own `math` and `statistics`.

Every method takes {"operands": [...]} or a bare list. What Python refuses (the logarithm of 0, the deviation of
one number) is answered with Python's own words.
"""

import math
import statistics
import sys
from collections.abc import Callable
from typing import Any

from plexspaces import Actor, ActorError, handler

LARGEST = sys.float_info.max


class AdvancedCalculator(Actor):
    @handler
    def sin(self, operands: Any) -> dict[str, Any]:
        return reply("sin", math.sin, *numbers(operands, 1))

    @handler
    def cos(self, operands: Any) -> dict[str, Any]:
        return reply("cos", math.cos, *numbers(operands, 1))

    @handler
    def tan(self, operands: Any) -> dict[str, Any]:
        return reply("tan", math.tan, *numbers(operands, 1))

    @handler
    def asin(self, operands: Any) -> dict[str, Any]:
        return reply("asin", math.asin, *numbers(operands, 1))

    @handler
    def acos(self, operands: Any) -> dict[str, Any]:
        return reply("acos", math.acos, *numbers(operands, 1))

    @handler
    def atan(self, operands: Any) -> dict[str, Any]:
        return reply("atan", math.atan, *numbers(operands, 1))

    @handler
    def log(self, operands: Any) -> dict[str, Any]:
        """The natural logarithm, or to the base that is the second operand."""
        return reply("log", math.log, *numbers(operands, 1, 2))

    @handler
    def log10(self, operands: Any) -> dict[str, Any]:
        return reply("log10", math.log10, *numbers(operands, 1))

    @handler
    def log2(self, operands: Any) -> dict[str, Any]:
        return reply("log2", math.log2, *numbers(operands, 1))

    @handler
    def exp(self, operands: Any) -> dict[str, Any]:
        return reply("exp", math.exp, *numbers(operands, 1))

    @handler
    def power(self, operands: Any) -> dict[str, Any]:
        return reply("power", math.pow, *numbers(operands, 2))

    @handler
    def sqrt(self, operands: Any) -> dict[str, Any]:
        return reply("sqrt", math.sqrt, *numbers(operands, 1))

    @handler
    def mean(self, operands: Any) -> dict[str, Any]:
        return reply("mean", statistics.mean, numbers(operands, 1, None))

    @handler
    def median(self, operands: Any) -> dict[str, Any]:
        return reply("median", statistics.median, numbers(operands, 1, None))

    @handler
    def stdev(self, operands: Any) -> dict[str, Any]:
        """Of a sample."""
        return reply("stdev", statistics.stdev, numbers(operands, 2, None))

    @handler
    def pstdev(self, operands: Any) -> dict[str, Any]:
        """Of a whole population."""
        return reply("pstdev", statistics.pstdev, numbers(operands, 1, None))

    @handler
    def variance(self, operands: Any) -> dict[str, Any]:
        """Of a sample."""
        return reply("variance", statistics.variance, numbers(operands, 2, None))

    @handler
    def quantiles(self, operands: Any, n: Any = 4) -> dict[str, Any]:
        """The cut points of `n` groups of equal probability: quartiles unless said otherwise."""
        if type(n) is not int or not 1 <= n <= 1000:
            raise ActorError(f"quantiles: expected n to be an integer from 1 to 1000, found {n!r}")
        data = numbers(operands, 2, None)
        return reply("quantiles", lambda: statistics.quantiles(data, n=n))


def reply(operation: str, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    try:
        result = function(*arguments)
    except (ValueError, ArithmeticError, statistics.StatisticsError) as error:
        raise ActorError(f"{operation}: {error}") from None
    if not isinstance(result, list) and not abs(result) <= LARGEST:
        raise ActorError(f"{operation}: expected a result of at most {LARGEST:g}, found a larger one")
    return {"result": result, "operation": operation}


def numbers(operands: Any, least: int, most: int | None = 0) -> list[float]:
    """`least` to `most` numbers: exactly `least` unless said otherwise, without an upper limit for None."""
    most = least if most == 0 else most
    if not isinstance(operands, list) or len(operands) < least or (most is not None and len(operands) > most):
        raise ActorError(f"operands: expected {described(least, most)}, found {operands!r}")
    for operand in operands:
        if type(operand) not in (int, float) or not abs(operand) <= LARGEST:
            raise ActorError(f"operands: expected finite numbers, found {operand!r}")
    return operands


def described(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more numbers"
    return f"{least} to {most} numbers" if most > least else f"{least} number{'s' if least > 1 else ''}"
