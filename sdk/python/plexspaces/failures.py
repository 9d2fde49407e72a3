"""What a caller is told of an exception: its type, its message, and the author's line that it came from."""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from types import TracebackType


def describe(error: BaseException, author_directory: str) -> str:
    """`ValueError: message (file.py:12 in function)`, of the innermost frame in the author's own files."""
    message = str(error)
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    if isinstance(error, ModuleNotFoundError):
        text = f"{text}: an actor has no files at run time, so import it at the top of the module"
    place = _innermost(error.__traceback__, author_directory)
    return f"{text} ({place})" if place else text


def print_traceback(error: BaseException) -> None:
    traceback.print_exception(error, file=sys.stderr)
    sys.stderr.flush()


def keep_source_lines(author_directory: str) -> None:
    """A component has no files at run time: tracebacks show source lines only if they are kept while it is built."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or not _is_within(path, author_directory):
            continue
        lines = linecache.getlines(path)
        if lines:
            # No modification time: linecache then never looks whether the file is still there.
            linecache.cache[path] = (sum(map(len, lines)), None, lines, path)


def _innermost(trace: TracebackType | None, author_directory: str) -> str | None:
    place = None
    while trace is not None:
        code = trace.tb_frame.f_code
        if _is_within(code.co_filename, author_directory):
            place = f"{os.path.relpath(code.co_filename, author_directory)}:{trace.tb_lineno} in {code.co_name}"
        trace = trace.tb_next
    return place


def _is_within(path: str, directory: str) -> bool:
    return path.startswith(directory.rstrip("/") + "/")
