"""Between JSON values and the types that an author's annotations name.

Owns what is built of an annotation and the words in which a value that does not fit is refused. An annotation that
JSON cannot fill is the author's mistake and is a TypeError, found by `check_annotation` while the component is built.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import types
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from plexspaces.errors import ActorError

_PLAIN: Mapping[Any, str] = {str: "a string", int: "an integer", float: "a number", bool: "true or false"}
_MAX_SHOWN = 60


class _Misfit(Exception):
    """One alternative of a union that the value is not."""


def build(annotation: Any, value: Any, path: str) -> Any:
    """The value that the annotation asks for, made of a JSON value. @raises ActorError naming the path that is wrong."""
    try:
        return _build(annotation, value, path)
    except _Misfit as misfit:
        raise ActorError(str(misfit)) from None
    except RecursionError:
        raise ActorError(f"{path or 'payload'}: expected less deeply nested JSON") from None


def is_whole_payload(annotation: Any) -> bool:
    """Whether an argument of this type stands for the payload as a whole: dataclasses, None among them or not."""
    kinds = [kind for kind in _alternatives(annotation) if kind is not type(None)]
    return bool(kinds) and all(_is_dataclass(kind) for kind in kinds)


def check_annotation(annotation: Any, what: str, seen: frozenset[Any] = frozenset()) -> None:
    """@raises TypeError where there is an annotation in it, fields of dataclasses included, that JSON cannot fill."""
    for kind in _alternatives(annotation):
        origin = get_origin(kind)
        if kind in (Any, object, type(None), list, dict) or kind in _PLAIN or origin is Literal or _is_enum(kind):
            continue
        if origin in (list, Sequence):
            check_annotation(get_args(kind)[0], what, seen)
        elif origin in (dict, Mapping) and get_args(kind)[0] is str:
            check_annotation(get_args(kind)[1], what, seen)
        elif not _is_dataclass(kind):
            raise TypeError(
                f"{what}: expected an annotation that JSON can fill (str, int, float, bool, None, list, dict of str, "
                f"Literal, an Enum, a dataclass, a union of these, Any), found {_name(kind)}"
            )
        elif kind not in seen:
            for name, (_, hint) in _fields(kind).items():
                check_annotation(hint, f"{what}, {kind.__name__}.{name}", seen | {kind})


def _build(annotation: Any, value: Any, path: str) -> Any:
    alternatives = _alternatives(annotation)
    if len(alternatives) > 1:
        return _build_one_of(alternatives, value, path)
    kind, origin = annotation, get_origin(annotation)
    if kind is Any or kind is object:
        return value
    if _is_dataclass(kind):
        return _build_dataclass(kind, value, path)
    if kind in (list, Sequence) or origin in (list, Sequence):
        return _build_list(kind, value, path)
    if kind in (dict, Mapping) or origin in (dict, Mapping):
        return _build_dict(kind, value, path)
    return _build_scalar(kind, value, path)


def _build_one_of(alternatives: Sequence[Any], value: Any, path: str) -> Any:
    misfits = []
    for kind in alternatives:
        try:
            return _build(kind, value, path)
        except _Misfit as misfit:
            misfits.append(misfit)
    # Of several only one can be meant in detail: the one dataclass, where an object was found.
    detailed = [misfit for kind, misfit in zip(alternatives, misfits) if _is_dataclass(kind)]
    if isinstance(value, dict) and len(detailed) == 1:
        raise detailed[0]
    raise _misfit(path, " or ".join(_name(kind) for kind in alternatives), value)


def _build_dataclass(kind: Any, value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise _misfit(path, "an object", value)
    fields = _fields(kind)
    for key in value:
        if key not in fields:
            raise _misfit(_join(path, key), f"no field but {', '.join(fields) or 'none'}", value[key])
    built: dict[str, Any] = {}
    for name, (field, hint) in fields.items():
        if name in value:
            built[name] = _build(hint, value[name], _join(path, name))
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise _Misfit(f"{_join(path, name)}: expected {_name(hint)}, found nothing")
    try:
        return kind(**built)
    except ValueError as error:
        # What __post_init__ does not accept.
        raise _Misfit(f"{path or 'payload'}: {error}") from None


def _build_list(kind: Any, value: Any, path: str) -> Any:
    if not isinstance(value, list):
        raise _misfit(path, "a list", value)
    item = (get_args(kind) or (Any,))[0]
    return [_build(item, found, f"{path}[{index}]") for index, found in enumerate(value)]


def _build_dict(kind: Any, value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise _misfit(path, "an object", value)
    item = (get_args(kind) or (str, Any))[1]
    return {key: _build(item, found, _join(path, key)) for key, found in value.items()}


def _build_scalar(kind: Any, value: Any, path: str) -> Any:
    if get_origin(kind) is Literal:
        allowed = get_args(kind)
        # True == 1, so that the types are compared too.
        if any(type(value) is type(one) and value == one for one in allowed):
            return value
    elif _is_enum(kind):
        for member in kind:
            if type(member.value) is type(value) and member.value == value:
                return member
    elif kind is float and type(value) is int:
        try:
            return float(value)
        except OverflowError:
            pass
    elif type(value) is kind:
        return value
    raise _misfit(path, _name(kind), value)


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (type(None) if annotation is None else annotation,)


@cache
def _fields(kind: Any) -> dict[str, tuple[dataclasses.Field[Any], Any]]:
    """Those that the constructor takes, with their types."""
    hints = get_type_hints(kind)
    return {field.name: (field, hints[field.name]) for field in dataclasses.fields(kind) if field.init}


def _is_dataclass(kind: Any) -> bool:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


def _name(kind: Any) -> str:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind is type(None):
        return "null"
    if get_origin(kind) is Literal or _is_enum(kind):
        values = get_args(kind) if get_origin(kind) is Literal else [member.value for member in kind]
        return " or ".join(_shown(value) for value in values)
    if len(_alternatives(kind)) > 1:
        return " or ".join(_name(one) for one in _alternatives(kind))
    origin = get_origin(kind) or kind
    if origin in (list, Sequence):
        return "a list"
    return "an object" if origin in (dict, Mapping) or _is_dataclass(kind) else getattr(kind, "__name__", str(kind))


def _misfit(path: str, expected: str, found: Any) -> _Misfit:
    return _Misfit(f"{path or 'payload'}: expected {expected}, found {_shown(found)}")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
