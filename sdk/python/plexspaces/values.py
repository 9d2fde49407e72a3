"""Between Python values and what the interface carries: bytes, mostly of JSON, and typed errors."""

from __future__ import annotations

import dataclasses
import enum
import json
from typing import Any


class NotJson(Exception):
    """Text that was to be JSON and is not; the message says where."""


def encode_json(value: Any) -> bytes:
    """Compact, UTF-8, keys in the order of insertion. NaN and infinities are refused: JSON has none.

    A dataclass is an object of its fields, an Enum its value.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_as_json).encode()


def decode_json(data: bytes, what: str) -> Any:
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"{what}: expected JSON, found {_excerpt(data)} ({error})") from None


def split_pair(value: Any) -> tuple[Any, str | None]:
    """A plain value, or a `(value, error)` pair: the value and the error's text, if there is one."""
    if not isinstance(value, tuple):
        return value, None
    if len(value) == 2:
        result, error = value
        if error is None:
            return result, None
        if isinstance(error, str):
            return None, error or "an error without a text"
        if isinstance(error, Exception):
            return None, f"{type(error).__name__}: {error}"
    raise TypeError(
        "expected a value or a (value, error) pair whose error is None or a str, "
        f"found a tuple of {', '.join(type(item).__name__ for item in value) or 'nothing'}; a list is a JSON array"
    )


def to_payload(value: Any) -> bytes:
    """Bytes as they are, a str as its UTF-8, anything else as JSON."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return value.encode() if isinstance(value, str) else encode_json(value)


def encode_message(value: Any) -> bytes:
    """What one actor sends another: bytes as they are, nothing for None, anything else as JSON, texts included."""
    if value is None:
        return b""
    return bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else encode_json(value)


def _as_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(f"expected what JSON can say, found {type(value).__name__}")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _excerpt(data: bytes) -> str:
    text = data[:40].decode(errors="replace")
    return repr(text) if len(data) <= 40 else f"{text!r}… of {len(data)} bytes"
