"""`Alarm`: readers on one loop that wait for the same news and are woken together, a few in each turn of the loop."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Self

__all__ = ["SPACING", "TURN", "Alarm", "Reader"]

SPACING = 100e-6
"""Seconds between two wakings, for each reader. Many readers are woken less often, each for more events."""

TURN = 50
"""Readers that are woken in one turn of the loop, so that other work has its turns in between."""


class Alarm:
    """The readers on one loop that wait for the same news. One timer serves them all."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.waiting: dict[asyncio.Future[bool], float] = {}  # with the time at which the wait ends without news
        self.readers: int = 0
        self._woken: deque[asyncio.Future[bool]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = float("inf")

    def wake(self) -> None:
        """Let all waiting readers look again."""
        is_at_work = bool(self._woken)
        self._woken.extend(self.waiting)
        self.waiting.clear()
        if not is_at_work:
            self._wake_some()

    def _wake_some(self) -> None:
        for _ in range(min(TURN, len(self._woken))):
            future = self._woken.popleft()
            if not future.done():
                future.set_result(True)
        if self._woken:
            self.loop.call_soon(self._wake_some)

    def join(self, seconds: float) -> asyncio.Future[bool]:
        """Return a future that is True with the next news, and False after so many seconds."""
        future: asyncio.Future[bool] = self.loop.create_future()
        due = self.waiting[future] = self.loop.time() + seconds
        if due < self._rings_at:
            self._ring_at(due)
        return future

    def _ring_at(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = due
        self._timer = self.loop.call_at(due, self._end_waits)

    def _end_waits(self) -> None:
        """End the waits that are over, and look again when the next one is."""
        self._timer, self._rings_at = None, float("inf")
        now = self.loop.time()
        for future in [future for future, due in self.waiting.items() if due <= now]:
            del self.waiting[future]
            if not future.done():
                future.set_result(False)
        if self.waiting:
            self._ring_at(min(self.waiting.values()))


class Reader(ABC):
    """One of those who wait at an alarm. Use it as a block.

    Args:
        alarm: The alarm.
        until: A future that ends each wait when it is done, as when a client leaves.

    """

    def __init__(self, alarm: Alarm, until: asyncio.Future[Any] | None = None) -> None:
        self._alarm, self._until = alarm, until
        self._waits: asyncio.Future[bool] | None = None

    def __enter__(self) -> Self:
        """Join the readers."""
        self._alarm.readers += 1
        if self._until is not None:
            self._until.add_done_callback(self._leave)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave them."""
        self._alarm.readers -= 1
        if self._waits is not None:
            self._alarm.waiting.pop(self._waits, None)
        if self._until is not None:
            self._until.remove_done_callback(self._leave)

    @abstractmethod
    def has_news(self) -> bool:
        """Tell whether there is something to read. A writer may ask for it in another thread at any time."""

    def wait(self, seconds: float) -> Awaitable[bool]:
        """Wait for news, or until the future is done. Return False after so many seconds.

        Where there is news already this only gives the loop its turn: a fast reader must not hold it. Whatever a writer
        in another thread adds from now on wakes the reader, since that is done by the loop, in a later turn.
        """
        if self.has_news() or (self._until is not None and self._until.done()):
            return _turn()
        self._waits = self._alarm.join(seconds)
        return self._waits

    def _leave(self, _: object) -> None:
        if self._waits is not None and not self._waits.done():
            self._waits.set_result(True)


async def _turn() -> bool:
    await asyncio.sleep(0)
    return True
