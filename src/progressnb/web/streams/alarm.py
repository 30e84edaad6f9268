"""`Alarm`: readers on one loop that wait for the same news and are woken together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

__all__ = ["SPACING", "Alarm"]

SPACING = 100e-6
"""Seconds between two wakings, for each reader. Many readers are woken less often, each for more events."""


class Alarm:
    """The readers on one loop that wait for the same news."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: set[asyncio.Future[bool]] = set()
        self.readers: int = 0

    def wake(self) -> None:
        """Let all waiting readers look again."""
        for future in self._waiting:
            if not future.done():
                future.set_result(True)
        self._waiting.clear()

    async def wait(self, has_news: Callable[[], bool], seconds: float, *, until: asyncio.Future[Any]) -> bool:
        """Wait to be woken or until a future is done; not at all where news is there. False after so many seconds."""
        future: asyncio.Future[bool] = self._loop.create_future()
        self._waiting.add(future)
        if has_news() or until.done():
            self._waiting.discard(future)
            return True

        def stop(found: object = False) -> None:  # noqa: FBT002 - a callback of both kinds
            if not future.done():
                future.set_result(found is not False)

        until.add_done_callback(stop)
        timer = self._loop.call_later(seconds, stop)
        try:
            return await future
        finally:
            timer.cancel()
            until.remove_done_callback(stop)
            self._waiting.discard(future)
