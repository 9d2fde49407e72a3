"""A calculator that counts its operations and remembers the last ten.

A plain module: functions and globals, nothing imported from PlexSpaces, no call that saves anything.
The node journals every message; after a crash it starts again from `snapshot_state` and replays the rest.
"""

import json
import math
import sys
from typing import Any

HISTORY_LENGTH = 10
LARGEST = sys.float_info.max

operation_count = 0
history: list[dict[str, Any]] = []


def init(initial_state: bytes) -> tuple[None, None]:
    """Starts afresh, or from what snapshot_state gave."""
    global operation_count, history
    if initial_state:
        state = json.loads(initial_state)
        operation_count = state["operation_count"]
        history = state["history"]
    return None, None


def handle_request(from_actor: str, message_type: str, payload: bytes) -> tuple[bytes | None, str | None]:
    """add, subtract, multiply, divide over {"operands": [...]} or a bare list; count; history."""
    if message_type == "count":
        return json.dumps({"operation_count": operation_count}).encode(), None
    if message_type == "history":
        return json.dumps({"history": history}).encode(), None
    if message_type not in OPERATIONS:
        expected = ", ".join([*OPERATIONS, "count", "history"])
        return None, f"unknown method '{message_type}': expected one of {expected}"
    operands, error = read_operands(payload)
    if error is not None:
        return None, f"{message_type}: {error}"
    return calculate(message_type, operands)


def snapshot_state() -> tuple[bytes, None]:
    return json.dumps({"operation_count": operation_count, "history": history}).encode(), None


def calculate(operation: str, operands: list[float]) -> tuple[bytes | None, str | None]:
    global operation_count
    result, error = OPERATIONS[operation](operands)
    if error is not None:
        return None, f"{operation}: {error}"
    if not abs(result) <= LARGEST:
        return None, f"{operation}: expected a result of at most {LARGEST:g}, found a larger one"
    operation_count += 1
    history.append({"operation": operation, "operands": operands, "result": result})
    del history[:-HISTORY_LENGTH]
    reply = {"result": result, "operation": operation, "operation_count": operation_count, "durable": True}
    return json.dumps(reply, separators=(",", ":")).encode(), None


def read_operands(payload: bytes) -> tuple[Any, str | None]:
    expected = "expected one or more finite numbers as operands"
    try:
        value = json.loads(payload)
    except ValueError as error:
        return None, f"{expected}, found no JSON ({error})"
    operands = value.get("operands") if isinstance(value, dict) else value
    if not isinstance(operands, list) or not operands:
        return None, f"{expected}, found {json.dumps(operands)}"
    for operand in operands:
        if type(operand) not in (int, float) or not abs(operand) <= LARGEST:
            return None, f"{expected}, found {json.dumps(operand)}"
    return operands, None


def subtract(operands: list[float]) -> tuple[float, str | None]:
    return operands[0] - sum(operands[1:]), None


def divide(operands: list[float]) -> tuple[Any, str | None]:
    if 0 in operands[1:]:
        return None, "expected divisors other than 0, found 0"
    return operands[0] / math.prod(operands[1:]), None


OPERATIONS = {
    "add": lambda operands: (sum(operands), None),
    "subtract": subtract,
    "multiply": lambda operands: (math.prod(operands), None),
    "divide": divide,
}
