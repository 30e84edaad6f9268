"""The inputs of a run that are declared as paths: their files are read before its work, in a thread.

Only these are files. A text that happens to be the name of one stays a text.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from progressnb.tracking.annotations import parts_of, type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["after_reading", "path_parameters"]

T = TypeVar("T")


def path_parameters(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the parameters whose annotation has a path in it."""
    hints = type_hints(function, keep_unknown=True)  # a path may stand beside a type that only type checkers know
    return frozenset(name for name, hint in hints.items() if name != "return" and any(map(_is_path, parts_of(hint))))


def after_reading(tracker: ProgressTracker, work: Callable[[], Coroutine[Any, Any, T]]) -> Coroutine[Any, Any, T]:
    """Return the work of a run; where a history is to know its files again, they are read first."""
    keeper = tracker.keeper
    return work() if keeper is None or keeper.read_inputs is None else _read_first(keeper.read_inputs, work)


async def _read_first(read: Callable[[], None], work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    __tracebackhide__ = True
    with suppress(OSError):
        await asyncio.to_thread(read)
    return await work()


def _is_path(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, os.PathLike)
