"""What all who read a run over a wire share: one waker for each run, and bytes that are joined once for all."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["BATCH", "Cursor", "Waker", "frames_of", "index_after"]

BATCH = 65_536
"""Bytes that are handed to a connection at once: what one that takes nothing costs."""

SHARED = 16
"""Batches of a run that are kept for other readers at the same place."""

SPACING = 100e-6
"""Seconds between two wakings for each reader: so many readers are woken less often, each for more events."""


def frames_of(events: Iterable[tuple[Event, bytes]]) -> list[bytes]:
    """Return events and their JSON as server-sent events write them, to be sent one piece behind the other.

    Small ones are one piece. The JSON of a large one is a piece by itself: the same bytes for all who wait to send it.
    """
    pieces: list[bytes] = []
    small: list[bytes] = []
    for event, line in events:
        small.append(b"id: %d\nevent: %s\ndata: " % (event.seq, event.type.encode()))
        if len(line) > BATCH:
            pieces += b"".join(small), line
            small = []
        else:
            small.append(line)
        small.append(b"\n\n")
    return [*pieces, b"".join(small)] if small else pieces


def index_after(log: EventLog, after: int) -> int:
    """Return where the events after a seq begin. A record without events of a newer version has gaps."""
    if after < len(log) and (after < 0 or log[after].seq == after):
        return max(0, after + 1)
    return bisect_right(log, after, key=lambda event: event.seq)


class Waker:
    """Wake all who wait for a log's next event, on their loop. Costs the writer one call a batch of events."""

    def __init__(self, log: EventLog, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: set[asyncio.Future[bool]] = set()
        self._due = False
        self._not_before = 0.0
        self.readers = 0
        self.batches: dict[tuple[int, int], list[bytes]] = {}
        self._log = log
        self._leave = log.subscribe(self._note)

    def _note(self, _event: Event) -> None:
        # On the writer's thread, under the run's lock.
        if not self._due:
            self._due = True
            with suppress(RuntimeError):  # the readers' loop is closed by now
                self._loop.call_soon_threadsafe(self._wake_soon)

    def _wake_soon(self) -> None:
        now = self._loop.time()
        if now < self._not_before:
            self._loop.call_at(self._not_before, self.wake)
        else:
            self.wake()

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._due = False
        self._not_before = self._loop.time() + SPACING * len(self._waiting)
        for future in self._waiting:
            if not future.done():
                future.set_result(True)
        self._waiting.clear()

    async def wait(self, position: int, seconds: float, *, until: asyncio.Future[Any]) -> bool:
        """Wait for an event at a position or until a future is done; return False when the seconds are over."""
        future: asyncio.Future[bool] = self._loop.create_future()
        self._waiting.add(future)
        if position < len(self._log) or self._log.ended or until.done():
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

    def close(self) -> None:
        """Listen to the log no more."""
        self._leave()


_wakers: WeakKeyDictionary[EventLog, dict[asyncio.AbstractEventLoop, Waker]] = WeakKeyDictionary()


class Cursor:
    """One reader's place in a log. Used as a block, on one loop."""

    def __init__(self, log: EventLog, after: int = -1) -> None:
        self.log = log
        self.position = index_after(log, after)
        self._loop = asyncio.get_running_loop()
        wakers = _wakers.setdefault(log, {})
        self._waker = wakers.get(self._loop) or wakers.setdefault(self._loop, Waker(log, self._loop))

    def __enter__(self) -> Self:
        self._waker.readers += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._waker.readers -= 1
        if self._waker.readers == 0:
            self._waker.close()
            _wakers.get(self.log, {}).pop(self._loop, None)

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.log.ended and self.position >= len(self.log)

    def frames(self) -> list[bytes]:
        """Return the next events as `frames_of` does, some 64 KB and what is large, and step behind them."""
        first, last = self.position, len(self.log)
        shared = self._waker.batches
        if (first, last) in shared:
            self.position = last
            return shared[first, last]
        pieces = frames_of(self.events())
        if first < self.position == last:
            while len(shared) >= SHARED:
                del shared[next(iter(shared))]
            shared[first, last] = pieces
        return pieces

    def events(self) -> list[tuple[Event, bytes]]:
        """Return the next events with their bytes, and step behind them."""
        first, last, size = self.position, len(self.log), 0
        taken: list[tuple[Event, bytes]] = []
        for at, line in enumerate(self.log.encoded(first - 1)[: max(0, last - first)], first):
            taken.append((self.log[at], line))
            size += len(line)
            if size >= BATCH:
                break
        self.position += len(taken)
        return taken

    async def wait(self, seconds: float, *, until: asyncio.Future[Any]) -> bool:
        """Wait for more, or until a future is done; return False when the seconds are over."""
        return await self._waker.wait(self.position, seconds, until=until)
