"""The work of a run within its timeout, and the `on_event` callback."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import TYPE_CHECKING, TypeVar

from progressnb.tracking.attempts import word_timeout

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["call_back", "within"]

T = TypeVar("T")

_logger = logging.getLogger("progressnb")


async def within(seconds: float | None, work: Awaitable[T], operation: str) -> T:
    """Await work for so many seconds at most, or without a limit for None.

    Raises `TimeoutError` after that time, even if the work ignores its cancellation.
    """
    limit = asyncio.timeout(seconds)
    late = f"{operation} took longer than its timeout of {seconds or 0:g} s"
    try:
        async with limit:
            result = await work
    except TimeoutError as error:
        if limit.expired():
            word_timeout(error, late)
        raise
    except Exception as error:
        if limit.expired():
            raise TimeoutError(late) from error
        raise
    if limit.expired():  # the work ignored its cancellation
        raise TimeoutError(late)
    return result


async def call_back(callback: Callable[[Event], object], log: EventLog, operation: str) -> None:
    """Call a plain or async function with each event of a log; a function that raises is called no more."""
    async for event in log.follow():
        try:
            outcome = callback(event)
            if inspect.isawaitable(outcome):
                await outcome
        except Exception:
            _logger.warning("detached on_event of %s, which raised", operation, exc_info=True)
            return
