"""The inputs of a run that are declared as paths: their files are read before its work, in a thread.

Only these are files. A text that happens to be the name of one stays a text.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary

from progressnb.tracking.annotations import is_unknown, parts_of, type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["after_reading", "path_parameters", "text_parameters"]

T = TypeVar("T")


_known: WeakKeyDictionary[Callable[..., Any], frozenset[str]] = WeakKeyDictionary()


def path_parameters(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the parameters whose annotation has a path in it."""
    try:
        if (known := _known.get(function)) is None:
            known = _known[function] = _path_parameters(function)
    except TypeError:  # an object that can't be a key
        return _path_parameters(function)
    return known


def _path_parameters(function: Callable[..., Any]) -> frozenset[str]:
    hints = type_hints(function, keep_unknown=True)  # a path may stand beside a type that only type checkers know
    return frozenset(name for name, hint in hints.items() if name != "return" and any(map(_is_path, parts_of(hint))))


def text_parameters(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the parameters whose texts are declared to be texts, such as `str` or `list[str]`.

    Any other may hold names of files: paths, `Any`, and what has no annotation.
    """
    hints = type_hints(function, keep_unknown=True)
    return frozenset(name for name, hint in hints.items() if all(map(_is_plain, parts_of(hint))))


def after_reading(tracker: ProgressTracker, work: Callable[[], Coroutine[Any, Any, T]]) -> Coroutine[Any, Any, T]:
    """Return the work of a run; where a history is to know its files again, they are read first."""
    read: Callable[[], None] | None = getattr(tracker.keeper, "read_inputs", None)  # not every keeper has inputs
    return work() if read is None else _read_first(read, work)


async def _read_first(read: Callable[[], None], work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    __tracebackhide__ = True
    with suppress(OSError):
        await asyncio.to_thread(read)
    return await work()


def _is_path(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, cast("type", os.PathLike))  # a protocol to type checkers


def _is_plain(part: object) -> bool:
    if isinstance(part, type):
        return part is not object and part.__module__ in ("builtins", "collections.abc", "types")
    return part is not Any and not isinstance(part, TypeVar) and not is_unknown(part)
