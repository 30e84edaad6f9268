"""The live events of items that run in other processes: sent ten times a second, and read into a run to look at.

A worker sends what is new of all its items in one message. Without contents these are the events as a history without
contents keeps them: times, statuses, names and figures. The events of a worker that dies lack their end, never one in
the middle.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeAlias

from progressnb.errors import ProgressError
from progressnb.execution.apart import begin_apart
from progressnb.execution.watched import WatchedRun
from progressnb.history.redaction import redact_event
from progressnb.wire.codec import decode_any

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.wire.events import Event, UnknownEvent
    from progressnb.wire.log import EventLog

__all__ = ["FarRun", "Feed", "Feeds"]

News: TypeAlias = "list[tuple[int, list[bytes]]]"
"""The new lines of items, by index."""

_MOST_LATE = 100
"""Runs whose attempts have ended and whose last events have not come yet."""

_logger = logging.getLogger("progressnb")


class Feed:
    """The events of the items of one batch in a worker's process.

    Args:
        send: Sends one message.
        contents: Whether contents are sent.

    """

    def __init__(self, send: Callable[[News], object], *, contents: bool) -> None:
        self._send, self._contents = send, contents
        self._logs: dict[int, tuple[EventLog, int]] = {}  # and the seq of the last event that was sent

    def add(self, index: int, log: EventLog) -> None:
        """Send the events of an item from now on."""
        self._logs[index] = log, -1

    def send(self) -> bool:
        """Send what is new; return whether there are items whose events are still to come."""
        news: News = []
        for index, (log, sent) in tuple(self._logs.items()):
            ended = log.ended
            events = log.read(sent)
            if events:
                own = log.is_own
                kept = [line if self._contents else redact_event(event, line, own=own) for event, line in events]
                news.append((index, kept))
                self._logs[index] = log, events[-1][0].seq
            if ended:
                self._logs.pop(index, None)
        if news:
            self._send(news)
        return bool(self._logs)


class FarRun(WatchedRun):
    """The run of an item in another process, as its events tell."""

    def __init__(self, stop: Callable[[str], object]) -> None:
        super().__init__()
        self._stop = stop

    def begin(self) -> None:
        """Do nothing: its events come by themselves."""

    def cancel(self, reason: str | None = None) -> None:
        """Stop the item, from any thread."""
        self._stop(reason or "cancelled")


class Feeds:
    """The runs of the items that are at work in other processes.

    Args:
        cancel: Cancels the attempt at an item, for a reason.
        hear: Called with the index of an item and each event of it.

    """

    def __init__(
        self, cancel: Callable[[int, str], object], hear: Callable[[int, Event | UnknownEvent], object]
    ) -> None:
        self._cancel, self._hear = cancel, hear
        self._runs: dict[int, FarRun] = {}
        self._late: dict[str, FarRun] = {}

    def run(self, index: int) -> FarRun | None:
        """Return the run of an item at work, once its first event has come."""
        return self._runs.get(index)

    def take(self, news: News) -> None:
        """Take in a message."""
        for index, lines in news:
            for line in lines:
                self._take(index, bytes(line))

    def _take(self, index: int, line: bytes) -> None:
        try:
            event = decode_any(line)
            if event.seq == 0 and event.run_id not in self._late:
                self._runs[index] = begin_apart(lambda: FarRun(lambda reason: self._cancel(index, reason)))
            run = self._late.get(event.run_id) or self._runs.get(index)
            if run is None or run.id not in ("", event.run_id):
                return
            run.feed(line, event)
        except ProgressError as error:
            _logger.debug("an event of item %d can't be read", index, exc_info=error)
            return
        self._hear(index, event)
        if run.log.ended:
            self._late.pop(event.run_id, None)

    def end(self, index: int) -> None:
        """Take note that the attempt at an item has ended; its last events may still come."""
        run = self._runs.pop(index, None)
        if run is not None and not run.log.ended:
            self._late[run.id] = run
            while len(self._late) > _MOST_LATE:
                self._late.pop(next(iter(self._late))).end_failed(_gone(), is_lost=True)

    def lose(self, index: int) -> None:
        """Take note that the worker of an item is gone: no more of its events will come."""
        if (run := self._runs.pop(index, None)) is not None:
            run.end_failed(_gone(), is_lost=True)

    def close(self) -> None:
        """End all runs: no more events will come."""
        for run in [*self._runs.values(), *self._late.values()]:
            run.end_failed(_gone(), is_lost=True)
        self._runs.clear()
        self._late.clear()


def _gone() -> Exception:
    return RuntimeError("its worker, or the batch, is gone")
