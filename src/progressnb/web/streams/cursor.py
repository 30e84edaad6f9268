"""Cursors: readers of one log that share a waker for each loop and the bytes that are joined for sending."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from weakref import WeakKeyDictionary

from progressnb.web.streams.alarm import SPACING, Alarm
from progressnb.web.streams.names import event_name
from progressnb.wire.codec import escape_line_breaks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["BATCH", "Cursor", "LineOf", "Waker", "frames_of"]

BATCH = 65_536
"""The bytes that are handed to a connection at once, and so the cost of a connection that takes nothing."""

LONGEST_BATCH = 1_000
"""The largest number of events that are handed to a connection at once."""

SHARED = 16
"""The number of batches of a run that are kept for other readers at the same place."""

LineOf: TypeAlias = "Callable[[int, bytes], bytes]"
"""A function that makes the line to send out of an event's index in the log and its JSON."""


def frames_of(events: Iterable[tuple[Event, bytes]]) -> list[bytes]:
    """Return events and their JSON as server-sent events, in pieces that are sent one after the other.

    Small events are joined into one piece. The JSON of a large event is a piece of its own, so that all connections
    that wait to send it hold the same bytes. A line from another writer may have a raw U+2028, U+2029 or U+0085, at
    which some readers of lines end a line; it is sent as the same JSON with these escaped.
    """
    pieces: list[bytes] = []
    small: list[bytes] = []
    for event, stored in events:
        line = escape_line_breaks(stored)
        small.append(b"id: %d\nevent: %s\ndata: " % (event.seq, event_name(event.type.encode())))
        if len(line) > BATCH:
            pieces += b"".join(small), line
            small = []
        else:
            small.append(line)
        small.append(b"\n\n")
    return [*pieces, b"".join(small)] if small else pieces


class Waker(Alarm):
    """The alarm of all readers on one loop that wait for a log's next event. The writer calls it once a batch."""

    def __init__(self, log: EventLog, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._due = False
        self._not_before = 0.0
        self.batches: dict[tuple[int, int, bool], list[bytes]] = {}
        self._leave = log.subscribe(self._note)

    def _note(self, _event: Event) -> None:
        # Called on the writer's thread, under the run's lock.
        if not self._due:
            self._due = True
            with suppress(RuntimeError):  # the readers' loop may be closed
                self._loop.call_soon_threadsafe(self._wake_soon)

    def _wake_soon(self) -> None:
        now = self._loop.time()
        if now < self._not_before:
            self._loop.call_at(self._not_before, self.wake)
        else:
            self.wake()

    def wake(self) -> None:
        """Let all waiting readers look at the log again."""
        self._due = False
        self._not_before = self._loop.time() + SPACING * len(self._waiting)
        super().wake()

    def close(self) -> None:
        """Stop listening to the log."""
        self._leave()


_wakers: WeakKeyDictionary[EventLog, dict[asyncio.AbstractEventLoop, Waker]] = WeakKeyDictionary()


class Cursor:
    """The position of one reader in a log. Use it as a block, on one loop."""

    def __init__(self, log: EventLog, after: int = -1) -> None:
        self.log = log
        self.position = min(max(0, after + 1), len(log))
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
        """Whether the run has ended and this reader has read its last event."""
        return self.log.ended and self.position >= len(self.log)

    def frames(self, line_of: LineOf | None = None) -> list[bytes]:
        """Return the next events as `frames_of` does, about 64 KB of them, and move behind them.

        Readers at the same place share the result. `line_of` must give every reader the same bytes.
        """
        first, last = self.position, len(self.log)
        shared, key = self._waker.batches, (first, last, line_of is None)
        if key in shared:
            self.position = last
            return shared[key]
        pieces = frames_of(self.events(line_of))
        if first < self.position == last:
            while len(shared) >= SHARED:
                del shared[next(iter(shared))]
            shared[key] = pieces
        return pieces

    def events(self, line_of: LineOf | None = None) -> list[tuple[Event, bytes]]:
        """Return the next events with their lines, about 64 KB of them, and move behind them."""
        size = 0
        taken: list[tuple[Event, bytes]] = []
        for event, plain in self.log.read(self.position - 1, LONGEST_BATCH):
            line = plain if line_of is None else line_of(event.seq, plain)
            taken.append((cast("Event", event), line))
            self.position = event.seq + 1
            size += len(line)
            if size >= BATCH:
                break
        return taken

    async def wait(self, seconds: float, *, until: asyncio.Future[Any]) -> bool:
        """Wait for more events or until a future is done. Return False after so many seconds."""
        return await self._waker.wait(self._has_news, seconds, until=until)

    def _has_news(self) -> bool:
        return self.position < len(self.log) or self.log.ended
