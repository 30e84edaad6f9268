"""`EventLog`: append-only, thread-safe, gapless; readers are cursors that never hold a writer up."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from progressnb.errors import RunEndedError
from progressnb.wire.codec import encode
from progressnb.wire.events import Event, is_last

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

__all__ = ["EventLog"]

_logger = logging.getLogger("progressnb")


class EventLog:
    """Keep a run's events in order and let any number of readers follow them.

    A reader is a position, not a queue: it sees every event from the seq that it asks for, in order,
    none twice, however late it comes.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._events: list[Event] = []
        self._encoded: list[bytes] = []
        self._ended = False
        self._wakers: set[Callable[[], None]] = set()
        self._subscribers: dict[int, Callable[[Event], None]] = {}
        self._next_subscriber = 0

    @property
    def lock(self) -> threading.RLock:
        """The run's one lock."""
        return self._lock

    @property
    def ended(self) -> bool:
        """Whether the last event is in."""
        return self._ended

    def __len__(self) -> int:
        """Count the events so far; the next one has this seq."""
        return len(self._events)

    def __getitem__(self, seq: int) -> Event:
        """Return the event of a seq."""
        return self._events[seq]

    def __iter__(self) -> Iterator[Event]:
        """Go through the events that are there now, without waiting."""
        return iter(self._events[: len(self._events)])

    def encoded(self, after: int = -1, count: int | None = None) -> list[bytes]:
        """Return the bytes of the events after a seq, of so many at most, as they were encoded when appended."""
        first = max(0, after + 1)
        return self._encoded[first : None if count is None else first + count]

    def append(self, make: Callable[[int], Event]) -> Event:
        """Append the event that `make(seq)` builds under the run's lock.

        Raises `RunEndedError` after the last event. Never waits for a reader.
        """
        with self._lock:
            if self._ended:
                raise RunEndedError(
                    "a run that still goes on",
                    f"an update after its {self._events[-1].type!r} event",
                    "Await all work that reports before the run's function returns.",
                )
            event = make(len(self._events))
            line = encode(event)
            self._encoded.append(line)  # first: who sees the event may ask for its bytes
            self._events.append(event)
            self._ended = is_last(event)
            while self._wakers:
                self._wakers.pop()()
            for key, subscriber in tuple(self._subscribers.items()):
                self._notify(key, subscriber, event)
        return event

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call back with each event that is appended from now on; return what ends that.

        Called at once, on the writer's thread, under the run's lock: only for work that takes microseconds.
        A callback that raises is detached with one logged warning.
        """
        with self._lock:
            key = self._next_subscriber
            self._next_subscriber += 1
            self._subscribers[key] = callback
        return lambda: self._unsubscribe(key)

    def _unsubscribe(self, key: int) -> None:
        with self._lock:
            self._subscribers.pop(key, None)

    def _notify(self, key: int, subscriber: Callable[[Event], None], event: Event) -> None:
        try:
            subscriber(event)
        except Exception:
            self._subscribers.pop(key, None)
            _logger.warning("detached a callback that raised at event %d", event.seq, exc_info=True)

    async def follow(self, after: int = -1) -> AsyncIterator[Event]:
        """Yield each event after a seq, waiting for new ones, until the last event of the run.

        May be used any number of times, at any time, from any loop. Closing it cancels nothing.
        """
        position = max(0, after + 1)
        loop = asyncio.get_running_loop()
        arrived = asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the reader's loop may be closed by now
                loop.call_soon_threadsafe(arrived.set)

        while True:
            while position < len(self._events):
                event = self._events[position]
                position += 1
                yield event
            if self._ended and position >= len(self._events):
                return
            arrived.clear()
            with self._lock:
                if position < len(self._events) or self._ended:
                    continue
                self._wakers.add(wake)
            try:
                await arrived.wait()
            finally:
                with self._lock:
                    self._wakers.discard(wake)

    async def wait_ended(self) -> None:
        """Wait until the last event is in."""
        async for _ in self.follow(len(self._events) - 1):
            pass
