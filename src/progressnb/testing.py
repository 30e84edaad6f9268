"""For users' own tests: a clock that stands still and models that say what a script tells them."""

from __future__ import annotations

import heapq
import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ManualClock"]


class ManualClock:
    """A clock that moves only when it is told to.

    ::

        clock = ManualClock()
        clock.advance(0.1)  # runs the callbacks that are due, in order
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._start = datetime(2026, 1, 1, tzinfo=UTC)
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def monotonic(self) -> float:
        """Return the seconds that were advanced so far."""
        return self._seconds

    def now(self) -> datetime:
        """Return 1 January 2026 in UTC, plus the seconds that were advanced so far."""
        return self._start + timedelta(seconds=self._seconds)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back when the clock has been advanced this far."""
        heapq.heappush(self._due, (self._seconds + delay, next(self._order), callback))

    def advance(self, seconds: float) -> None:
        """Move on, and run what falls due on the way."""
        end = self._seconds + seconds
        while self._due and self._due[0][0] <= end:
            due, _, callback = heapq.heappop(self._due)
            self._seconds = max(self._seconds, due)
            callback()
        self._seconds = end
