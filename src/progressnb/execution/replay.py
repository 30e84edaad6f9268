"""`replay`: show a run again from its events, at any speed and without a model."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.errors import InputError, InvalidProgressError
from progressnb.execution.watched import WatchedRun
from progressnb.tracking.clock import running_loop
from progressnb.tracking.percent import is_number
from progressnb.tracking.session import present
from progressnb.wire.codec import decode_any, encode
from progressnb.wire.events import BaseEvent
from progressnb.wire.files import open_regular
from progressnb.wire.log import EventLog

if TYPE_CHECKING:
    from progressnb.execution.run import Run
    from progressnb.history.history import History
    from progressnb.tracking.clock import Clock
    from progressnb.wire.events import Event, UnknownEvent

    Record: TypeAlias = list[tuple[Event | UnknownEvent, bytes]]
__all__ = ["ENDS", "Replay", "replay"]

ENDS = "its record ends here"
"""The reason of a cancellation that stands for the missing end of a record."""


class Replay(WatchedRun):
    """A run that is shown again from its record. `cancel` stops the replay and does not change the record."""

    def __init__(self, record: Record, speed: float | None, *, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self._record = record
        self._at = 0
        self._began: float | None = None
        if speed is None:
            self._feed_until(float("inf"))
        else:
            self.speed = float(speed)
            self._feed_until(record[0][0].elapsed)
            if (loop := running_loop()) is not None:  # else it begins when somebody waits for it
                loop.call_soon(self.begin)

    def cancel(self, reason: str | None = None) -> None:
        """Stop the replay, from any thread."""
        self.end_cancelled(reason or "the replay was stopped")

    def begin(self) -> None:
        """Begin to feed the events at their times, unless that has begun."""
        if self._began is None and not self.log.ended:
            self._began = self.clock.monotonic()
            self._tick()

    def _tick(self) -> None:
        with self.log.lock:
            if self.log.ended or self._began is None:
                return
            first = self._record[0][0].elapsed
            self._feed_until(first + (self.clock.monotonic() - self._began) * self.speed)
            if self._at == len(self._record):
                return
            due = self._began + (self._record[self._at][0].elapsed - first) / self.speed
        self.clock.call_later(max(0.0, due - self.clock.monotonic()), self._tick)

    def _feed_until(self, elapsed: float) -> None:
        while self._at < len(self._record) and self._record[self._at][0].elapsed <= elapsed:
            event, line = self._record[self._at]
            self.feed(line, event)
            self._at += 1
        if self._at == len(self._record):
            self.end_cancelled(ENDS)


def replay(
    source: Run[Any] | WatchedRun | str | os.PathLike[str] | Iterable[Event],
    *,
    speed: float | None = 1,
    run_id: str | None = None,
    history: History | None = None,
    show: bool | None = None,
    clock: Clock | None = None,
) -> Replay:
    """Show a run again from its events, at any speed and without calling a model.

    The record of a run that was killed has no end; its replay ends as cancelled. The `result` is plain data. The log
    of the replay has the same bytes as the record.

    Args:
        source: A run, the id of a run in a history, the path of a `.jsonl` file that `history.export_jsonl` wrote, or
            a list of events.
        speed: The factor by which the replay is faster than the run was. None shows the end at once.
        run_id: The id of the run to show, from a source with several runs.
        history: The history that has the run. None takes the one of `use_history`.
        show: Whether a panel is shown. None follows the session.
        clock: The clock that paces the replay, for tests.

    Returns:
        The replay, to await, iterate and watch like a run.

    Raises:
        InputError: For a source that has no events, has several runs, or can't be read.
        EventFormatError: For a source that is damaged.
        InvalidProgressError: For a speed that is not above 0.

    Example:
        ::

            await pnb.replay(run, speed=10)

    """
    if speed is not None and (not is_number(speed) or not 0 < speed < float("inf")):
        raise InvalidProgressError("a speed above 0, or None for at once", repr(speed))
    record = _read(source, history)
    runs = list(dict.fromkeys(event.run_id for event, _ in record))
    if run_id is not None:
        record = [pair for pair in record if pair[0].run_id == run_id]
    elif len(runs) > 1:
        raise InputError("the events of one run", f"{len(runs)} runs", f"Choose one: run_id={runs[-1]!r}.")
    if not record:
        raise InputError("a run with events", "no events" if run_id is None else f"no events of {run_id!r}")
    run = Replay(record, speed, clock=clock)
    run.shown = present(run, show=show)
    return run


def _read(source: Any, history: History | None) -> Record:  # noqa: ANN401 - any argument of the user
    log = getattr(source, "log", None)
    if isinstance(log, EventLog):
        return log.read()
    if isinstance(source, str) and not source.endswith((".jsonl", ".ndjson")):
        from progressnb.history import the_history

        return _decode(the_history(history).export_jsonl(run_id=source))
    if isinstance(source, str | os.PathLike):
        path = Path(cast("str", source))
        try:
            with open_regular(path) as file:
                return _decode(file.read())
        except OSError as error:
            raise InputError("a file of events", str(error), "Write one with history.export_jsonl(path).") from None
    if isinstance(source, Iterable):
        events = list(cast("Iterable[object]", source))
        if all(isinstance(event, BaseEvent) for event in events):
            return [(event, encode(event)) for event in cast("list[Event]", events)]
    raise InputError("a run, a run's id, a file of events or events", f"{source!r}")


def _decode(lines: bytes) -> Record:
    return [(decode_any(line), line) for line in lines.splitlines() if line.strip()]
