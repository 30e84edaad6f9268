"""Cursors: readers of one log that share a waker for each loop and the bytes that are joined for sending."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from progressnb.web.streams.alarm import SPACING, Alarm, Reader
from progressnb.web.streams.batches import Batches

if TYPE_CHECKING:
    from progressnb.web.streams.batches import Batch, LineOf
    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["Cursor", "Waker"]


class Waker(Alarm):
    """The alarm of all readers on one loop that wait for a log's next event. The writer calls it once a batch."""

    def __init__(self, log: EventLog, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._due = False
        self._not_before = 0.0
        self.batches = Batches(log)
        self._leave = log.subscribe(self._note)

    def _note(self, _event: Event) -> None:
        # Called on the writer's thread, under the run's lock.
        if not self._due:
            self._due = True
            with suppress(RuntimeError):  # the readers' loop may be closed
                self.loop.call_soon_threadsafe(self._wake_soon)

    def _wake_soon(self) -> None:
        now = self.loop.time()
        if now < self._not_before:
            self.loop.call_at(self._not_before, self.wake)
        else:
            self.wake()

    def wake(self) -> None:
        """Let all waiting readers look at the log again."""
        self._due = False
        self._not_before = self.loop.time() + SPACING * len(self.waiting)
        super().wake()

    def close(self) -> None:
        """Stop listening to the log."""
        self._leave()


_wakers: WeakKeyDictionary[EventLog, dict[asyncio.AbstractEventLoop, Waker]] = WeakKeyDictionary()


class Cursor(Reader):
    """The position of one reader in a log. Use it as a block, on one loop."""

    def __init__(self, log: EventLog, after: int = -1, *, until: asyncio.Future[Any] | None = None) -> None:
        loop = asyncio.get_running_loop()
        wakers = _wakers.setdefault(log, {})
        self._waker = wakers.get(loop) or wakers.setdefault(loop, Waker(log, loop))
        super().__init__(self._waker, until)
        self.log = log
        self.position = min(max(0, after + 1), len(log))

    def __exit__(self, *exits: object) -> None:
        """Stop to listen to the log with the last reader."""
        super().__exit__(*exits)
        if self._waker.readers == 0:
            self._waker.close()
            _wakers.get(self.log, {}).pop(self._waker.loop, None)

    @property
    def over(self) -> bool:
        """Whether the run has ended and this reader has read its last event."""
        return self.log.ended and self.is_at_end

    @property
    def is_at_end(self) -> bool:
        """Whether this reader has all events that are there now."""
        return self.position >= len(self.log)

    def take(self, line_of: LineOf | None = None) -> Batch:
        """Return the next events, about 64 KB of them, and move behind them.

        Readers at the same place share the result. `line_of` must give every reader the same bytes.
        """
        batch = self._waker.batches.at(self.position, line_of)
        self.position = batch.end
        return batch

    def has_news(self) -> bool:
        """Tell whether there are more events, or none will come."""
        return self.position < len(self.log) or self.log.ended
