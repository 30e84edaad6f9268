"""The single thread in which all values are made.

What makes them remembers them, and is not made for several threads. Making holds the interpreter's lock, so several
threads would be no faster.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_making_thread"]

P = ParamSpec("P")
T = TypeVar("T")

_thread = ThreadPoolExecutor(1, "progressnb-making")  # the thread starts when it is first needed


async def in_making_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in the making thread and return its result, as `asyncio.to_thread` does."""
    call = functools.partial(contextvars.copy_context().run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_thread, call)
