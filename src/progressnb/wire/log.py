"""`EventLog`: the events of a run, append-only, thread-safe and gapless, for any number of readers."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from progressnb.errors import EventFormatError, RunEndedError
from progressnb.wire.codec import decode_any, encode
from progressnb.wire.events import Event, UnknownEvent, is_last
from progressnb.wire.forks import renew_after_fork
from progressnb.wire.loops import asyncio_loop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

__all__ = ["EventLog"]

_SPACE = b" \t\r\n"
_NO_BREAKS = bytes.maketrans(b"\r\n", b"  ")  # valid JSON has them between its tokens only

_logger = logging.getLogger("progressnb")


class EventLog:
    """Keep a run's events in order and let any number of readers follow them.

    A reader is a position, not a queue: it sees every event from the seq that it asks for, in order, none twice,
    however late it comes, and never holds up the writer. Each event is encoded once, when it is appended, and has its
    seq as its position. An event of a type that only a newer version knows keeps its position and its bytes, and
    iterating passes over it.

    Example:
        ::

            for event in run.log:  # the events that are there now
                print(event)
            async for event in run.log.follow(after=41):  # from event 42 on, until the run ends
                print(event)

    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._events: list[Event | UnknownEvent] = []
        self._encoded: list[bytes] = []
        self._ended = False
        self._wakers: set[Callable[[], None]] = set()
        self._subscribers: dict[int, Callable[[Event], None]] = {}
        self._next_subscriber = 0
        renew_after_fork(self)

    def renew(self) -> None:
        """Forget the readers, and a writer at work: in a forked process they are the parent's."""
        self._lock = threading.RLock()
        self._wakers.clear()
        self._subscribers.clear()

    @property
    def lock(self) -> threading.RLock:
        """The run's one lock."""
        return self._lock

    @property
    def ended(self) -> bool:
        """Whether the run's last event is there."""
        return self._ended

    def __len__(self) -> int:
        """Count the events so far; the next one has this seq."""
        return len(self._events)

    def __getitem__(self, seq: int) -> Event:
        """Return the event of a seq; of an unknown type it is an `UnknownEvent`."""
        return cast("Event", self._events[seq])

    def __iter__(self) -> Iterator[Event]:
        """Go through the events that are there now, without waiting."""
        return (event for event in self._events[: len(self._events)] if not isinstance(event, UnknownEvent))

    def encoded(self, after: int = -1, count: int | None = None) -> list[bytes]:
        """Return the bytes of the events after a seq, of so many at most, as they were encoded when appended."""
        first = max(0, after + 1)
        return self._encoded[first : None if count is None else first + count]

    def append(self, make: Callable[[int], Event]) -> Event:
        """Append the event that `make(seq)` builds under the run's lock. Never waits for a reader.

        Args:
            make: A function that gets the seq and returns the event.

        Returns:
            The event.

        Raises:
            RunEndedError: The run has had its last event.

        """
        with self._lock:
            self._check_open()
            event = make(len(self._events))
            self._add(event, encode(event))
        return event

    def append_encoded(
        self,
        line: bytes,
        event: Event | UnknownEvent | None = None,
        *,
        fold: Callable[[Event], object] | None = None,
    ) -> Event:
        """Append an event that was read, with the very bytes that were read. Never waits for a reader.

        Args:
            line: The event as one line of JSON.
            event: The decoded line, for callers that have it.
            fold: A function that gets the event under the run's lock before any reader does, such as the state's
                `apply`. It does not get an event of an unknown type.

        Returns:
            The event; of a type that only a newer version knows it is an `UnknownEvent`.

        Raises:
            EventFormatError: The line is no event, or not the next of its run.
            RunEndedError: The run has had its last event.

        """
        event = decode_any(line) if event is None else event
        with self._lock:
            self._check_open()
            run_id = self._events[0].run_id if self._events else event.run_id
            if event.seq != len(self._events) or event.run_id != run_id:
                raise EventFormatError(
                    f"event {len(self._events)} of {run_id}",
                    f"event {event.seq} of {event.run_id}",
                    "The record lacks a part, or mixes runs.",
                )
            if fold is not None and not isinstance(event, UnknownEvent):
                fold(event)
            self._add(cast("Event", event), _one_line(line))
        return cast("Event", event)

    def _check_open(self) -> None:
        if self._ended:
            raise RunEndedError(
                "a run that still goes on",
                f"an update after its {self._events[-1].type!r} event",
                "Await all work that reports before the run's function returns.",
            )

    def _add(self, event: Event, line: bytes) -> None:
        self._encoded.append(line)  # before the event: a reader that sees the event may ask for its bytes
        self._events.append(event)
        self._ended = is_last(event)
        while self._wakers:
            self._wakers.pop()()
        for key, subscriber in tuple(self._subscribers.items()):
            self._notify(key, subscriber, event)

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call a function with each event that is appended from now on.

        Args:
            callback: Called at once, on the writer's thread, under the run's lock: only for work of microseconds.
                One that raises is detached with a logged warning.

        Returns:
            A function that detaches the callback.

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

        Args:
            after: The seq of the last event that the reader has; -1 for none.

        """
        position = max(0, after + 1)
        loop = asyncio_loop()
        arrived = asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the reader's loop may be closed by now
                loop.call_soon_threadsafe(arrived.set)

        while True:
            while position < len(self._events):
                event = self._events[position]
                position += 1
                if not isinstance(event, UnknownEvent):
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
        """Wait until the run's last event is there."""
        async for _ in self.follow(len(self._events) - 1):
            pass


def _one_line(line: bytes) -> bytes:
    """Return the same bytes, unless they are laid out on several lines, as another writer's may be."""
    line = line.strip(_SPACE)
    return line.translate(_NO_BREAKS) if b"\n" in line or b"\r" in line else line
