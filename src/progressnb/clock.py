"""Time as the core sees it: one object that is injected, so that tests own it."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """What the core needs of time."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def now(self) -> datetime:
        """Return the aware time of day, in UTC."""
        ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back once, `delay` seconds from now. Works from any thread and never raises."""
        ...


class SystemClock:
    """The machine's time; callbacks run on the loop of whoever made the clock, else on a timer thread."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.loop = loop

    def now(self) -> datetime:
        """Return the aware time of day, in UTC."""
        return datetime.now(UTC)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back once, `delay` seconds from now."""
        loop = self.loop
        if loop is not None and not loop.is_closed():
            try:
                if _running_loop() is loop:
                    loop.call_later(delay, callback)
                else:
                    loop.call_soon_threadsafe(loop.call_later, delay, callback)
            except RuntimeError:  # the loop was closed between the question and the call
                self.loop = None
            else:
                return
        timer = threading.Timer(delay, callback)
        timer.daemon = True
        timer.start()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
