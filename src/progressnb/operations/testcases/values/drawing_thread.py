"""The one thread in which all values are drawn.

Hypothesis prepares every thread that it works in by a pass of the garbage collector over all that is in memory:
0.2 s in a kernel of usual size, more than a whole specification needs. Drawing holds the interpreter's lock anyway,
so that several threads would be no faster.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_drawing_thread"]

P = ParamSpec("P")
T = TypeVar("T")

_thread = ThreadPoolExecutor(1, "progressnb-drawing")  # it begins when it is first needed


async def in_drawing_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in that thread and return its result, as `asyncio.to_thread` does."""
    call = functools.partial(contextvars.copy_context().run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_thread, call)
